package rules_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
// The same holds for values: their types, the names of enums, and fields of
// which only one may be set.
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
	if got == nil {
		return
	}
	sameValues(t, at, want, got, exact)
	if got.Known == nil && got.Each == nil {
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

// sameValues compares what one field takes.
func sameValues(t *testing.T, at string, want *apiextensions.JSONSchemaProps, got *document.Fields, exact bool) {
	t.Helper()
	types := map[document.Form]string{document.Text: "string", document.Duration: "string", document.Boolean: "boolean", document.Integer: "integer", document.Number: "number", document.Object: "object", document.Array: "array"}
	if form := types[got.Form]; form != "" && form != want.Type {
		t.Errorf("%s is wanted to be %s, and is %q", at, got.Form, want.Type)
	}
	sameNames(t, at, want, got, exact)
	var oneOf []string
	for _, s := range append([]apiextensions.JSONSchemaProps{*want}, want.AllOf...) {
		for _, one := range s.OneOf {
			oneOf = append(oneOf, one.Required...)
		}
	}
	for name := range got.OneOf {
		if !slices.Contains(oneOf, name) {
			t.Errorf("%s.%s excludes no other field", at, name)
		}
	}
	for _, name := range oneOf {
		if got.OneOf[name] == "" && exact {
			t.Errorf("%s.%s would pass beside another field", at, name)
		}
	}
}

func sameNames(t *testing.T, at string, want *apiextensions.JSONSchemaProps, got *document.Fields, exact bool) {
	t.Helper()
	taken := map[string]bool{}
	for _, v := range want.Enum {
		var name string
		if json.Unmarshal(v.Raw, &name) == nil {
			taken[name] = true
		}
		if got.Named != nil && !got.Named[name] {
			t.Errorf("%s: %s would be refused", at, name)
		}
	}
	if len(taken) > 0 && got.Named == nil && exact {
		t.Errorf("%s would take every value", at)
	}
	for name := range got.Named {
		// Lists of namespaces have one type in all places, and not the same values.
		// Of other operators than these every controller makes an error.
		if !taken[name] && (exact || !strings.HasSuffix(at, ".namespaces.from") && !strings.HasSuffix(at, ".matchExpressions[].operator")) {
			t.Errorf("%s: %s would pass", at, name)
		}
	}
}
