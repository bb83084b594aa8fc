package charts

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"istio.io/istio/manifests"
)

// crdFile holds Istio's CRDs in chart base: a megabyte of YAML, which the
// template parses twice and writes again, in ten times the time of everything
// else together. No setting changes more of them than their metadata.
const crdFile = "files/crd-all.gen.yaml"

// between lies between two CRDs; the template splits the file so too.
var between = []byte("\n---\n")

// heads cuts everything below a CRD's metadata off.
func heads(crds []byte) []byte {
	var out [][]byte
	for _, text := range bytes.Split(crds, between) {
		head, _, _ := bytes.Cut(text, []byte("\nspec:"))
		out = append(out, head)
	}
	return bytes.Join(out, between)
}

// Complete gives the rendered head of one of the linked Istio module's CRDs
// what was cut off.
func Complete(crd *unstructured.Unstructured) error {
	bodies, err := bundledCRDs()
	if err != nil {
		return err
	}
	body, ok := bodies[crd.GetName()]
	if !ok {
		return fmt.Errorf("chart base has no CRD %s", crd.GetName())
	}
	head := crd.Object
	crd.Object = maps.Clone(body)
	maps.Copy(crd.Object, head)
	return nil
}

// ParseCRDs parses what Complete needs, which takes longer than reading a
// configuration: begun early, it can be done meanwhile.
func ParseCRDs() { _, _ = bundledCRDs() } // Complete reports the error

// bundledCRDs are the CRDs of the linked Istio module, by name, parsed once a
// process. They are shared.
var bundledCRDs = sync.OnceValues(func() (map[string]map[string]any, error) {
	text, err := fs.ReadFile(manifests.FS, "charts/base/"+crdFile)
	if err != nil {
		return nil, fmt.Errorf("reading Istio's CRDs: %w", err)
	}
	out := map[string]map[string]any{}
	for _, one := range bytes.Split(text, between) {
		crd := &unstructured.Unstructured{}
		data, err := yaml.YAMLToJSON(one)
		if err == nil {
			err = crd.UnmarshalJSON(data)
		}
		if err != nil {
			return nil, fmt.Errorf("parsing Istio's CRDs: %w", err)
		}
		out[crd.GetName()] = crd.Object
	}
	return out, nil
})
