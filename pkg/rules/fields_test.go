package rules_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	own "github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestFieldsOfObjects compares the fields that objects in files may have with
// those of the definitions that come with Istio and the Gateway API: one that
// an API server takes must not be called unknown, and one that it drops must.
func TestFieldsOfObjects(t *testing.T) {
	istio := filepath.Join(istioModule(t), "manifests", "charts", "base", "files", "crd-all.gen.yaml")
	gateway := filepath.Join(istioModule(t), "tests", "integration", "pilot", "testdata", "gateway-api-crd.yaml")
	if n := compareFields(t, istio, true); n < 14 {
		t.Errorf("only %d kinds of Istio", n)
	}
	// The types hold what releases have as experiments, which not all have.
	if n := compareFields(t, gateway, false); n < 5 {
		t.Errorf("only %d kinds of the Gateway API", n)
	}
}

func compareFields(t *testing.T, file string, exact bool) (kinds int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	known, types := snapshot.KindsByName(), own.NewObjectFields()
	for part := range bytes.SplitSeq(text, []byte("\n---\n")) {
		var crd apiextensions.CustomResourceDefinition
		if err := yaml.Unmarshal(part, &crd); err != nil {
			t.Fatal(err)
		}
		k, ok := known[schema.GroupKind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind}]
		if !ok {
			continue
		}
		kinds++
		for _, v := range crd.Spec.Versions {
			if k.HasFieldsOf(v.Name) {
				spec := v.Schema.OpenAPIV3Schema.Properties["spec"]
				sameFields(t, k.Kind+" "+v.Name+" spec", &spec, types.Of(k.Type).Known["spec"], exact)
			}
		}
	}
	return kinds
}

func sameFields(t *testing.T, at string, want *apiextensions.JSONSchemaProps, got *document.Fields, exact bool) {
	t.Helper()
	if got == nil || got.Known == nil && got.Each == nil {
		return
	}
	if got.Each != nil {
		if want.Items != nil {
			sameFields(t, at+"[]", want.Items.Schema, got.Each, exact)
		}
		if want.AdditionalProperties != nil && want.AdditionalProperties.Schema != nil {
			sameFields(t, at+"{}", want.AdditionalProperties.Schema, got.Each, exact)
		}
		return
	}
	for name, field := range want.Properties {
		below, ok := got.Known[name]
		if !ok {
			t.Errorf("%s.%s would be called unknown", at, name)
			continue
		}
		sameFields(t, at+"."+name, &field, below, exact)
	}
	for name := range got.Known {
		if _, ok := want.Properties[name]; !ok && exact {
			t.Errorf("%s.%s would pass for known", at, name)
		}
	}
}
