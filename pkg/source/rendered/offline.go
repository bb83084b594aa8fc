package rendered

import (
	"cmp"
	"fmt"

	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/render"
	"istio.io/istio/operator/pkg/values"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// object is one rendered object with its component and its text.
type object struct {
	component string
	manifest.Manifest
}

// offline renders a configuration with root in the place of its document, for
// the rules: without CRDs, without the default tag's webhooks and without the
// labels that an installation adds.
func offline(c *snapshot.Config, root *document.Value, kubernetes string) (out []object, err error) {
	// Istio's renderer takes some types for granted.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the renderer breaks off: %v", p)
		}
	}()
	variant := c.WithRoot(root)
	kubernetes = cmp.Or(kubernetes, oldestKubernetes())
	if c.IsOperator() {
		return offlineOperator(variant, kubernetes)
	}
	return offlineChart(variant, kubernetes)
}

// offlineOperator has Istio render everything but chart base, whose CRDs take
// ten times as long as all the rest.
func offlineOperator(c *snapshot.Config, kubernetes string) ([]object, error) {
	input, err := operatorInput(c, Options{Kubernetes: kubernetes})
	if err != nil {
		return nil, err
	}
	apart := baseApart(c)
	if apart {
		_ = input.SetSpecPaths("components.base.enabled=false") // where that is no map, Istio refuses it below
	}
	text, err := yaml.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	var sets []manifest.ManifestSet
	var merged values.Map
	err = withFile(text, func(path string) error {
		sets, merged, err = render.GenerateManifest([]string{path}, nil, false, nil, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []object
	for _, set := range sets {
		for _, m := range set.Manifests {
			out = append(out, object{string(set.Component), m})
		}
	}
	if !apart {
		return out, nil
	}
	base, err := offlineBase(merged, kubernetes)
	return append(out, base...), err
}

// baseApart says whether chart base can be rendered by itself: Istio has
// nothing to add to it but overlays.
func baseApart(c *snapshot.Config) bool {
	return c.ComponentEnabled("base") && c.Effective.At("spec", "components", "base", "k8s", "overlays") == nil
}

func offlineBase(merged values.Map, kubernetes string) ([]object, error) {
	parsed, err := bundledChart("base")
	if err != nil {
		return nil, err
	}
	vals, _ := merged.GetPathMap("spec.values")
	namespace := merged.GetPathStringOr("metadata.namespace", "istio-system")
	return objects("Base", release{"istio", namespace, parsed}, vals, kubernetes)
}

func offlineChart(c *snapshot.Config, kubernetes string) ([]object, error) {
	vals, err := chartInput(c)
	if err != nil {
		return nil, err
	}
	folder, name := chartDir(c.Chart)
	parsed, err := bundledChart(folder)
	if err != nil {
		return nil, err
	}
	return objects(chartComponent(c.Chart), release{name, c.Namespace(), parsed}, vals, kubernetes)
}

// objects renders a chart and leaves out the stand-in for the CRDs.
func objects(component string, r release, vals values.Map, kubernetes string) ([]object, error) {
	found, err := r.render(vals, kubernetes)
	if err != nil {
		return nil, err
	}
	var out []object
	for _, m := range found {
		if m.GetKind() != "CustomResourceDefinition" {
			out = append(out, object{component, m})
		}
	}
	return out, nil
}
