package schema_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"istio.io/istio/manifests"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
)

type compiled map[string]*jsonschema.Schema

// of compiles the JSON Schema of a surface once.
func (c compiled) of(t *testing.T, s facts.Surface, istio facts.Minor) *jsonschema.Schema {
	t.Helper()
	key := string(s) + istio.String()
	if c[key] != nil {
		return c[key]
	}
	data, err := schema.JSONSchema(s, istio)
	if err != nil {
		t.Fatal(err)
	}
	definition, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("s.json", definition); err != nil {
		t.Fatal(err)
	}
	if c[key], err = compiler.Compile("s.json"); err != nil {
		t.Fatalf("%s %s: %v", s, istio, err)
	}
	return c[key]
}

func instance(t *testing.T, text []byte) any {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestJSONSchemaOfEveryMinor wants a legal schema for each kind of file.
func TestJSONSchemaOfEveryMinor(t *testing.T) {
	c := compiled{}
	for _, r := range facts.Releases() {
		c.of(t, facts.Spec, r.Istio)
		for _, chart := range facts.Charts() {
			c.of(t, facts.Chart(chart), r.Istio)
		}
	}
}

// TestJSONSchemaAcceptsWhatIstioShips wants no complaint about the profiles
// and the charts' own defaults.
func TestJSONSchemaAcceptsWhatIstioShips(t *testing.T) {
	c := compiled{}
	profiles, err := fs.Glob(manifests.FS, "profiles/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range profiles {
		data, err := fs.ReadFile(manifests.FS, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.of(t, facts.Spec, facts.Embedded()).Validate(instance(t, data)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for chart, dir := range map[string]string{"base": "base", "istiod": "istio-control/istio-discovery", "cni": "istio-cni", "ztunnel": "ztunnel", "gateway": "gateway"} {
		data, err := fs.ReadFile(manifests.FS, "charts/"+dir+"/values.yaml")
		if err != nil {
			t.Fatal(err)
		}
		all := instance(t, data).(map[string]any)
		for _, values := range []any{all, all["_internal_defaults_do_not_set"]} {
			if err := c.of(t, facts.Chart(chart), facts.Embedded()).Validate(values); err != nil {
				t.Errorf("%s: %v", chart, err)
			}
		}
	}
}

// TestJSONSchemaAgreesWithTheChecks validates every fixture of the rules
// with both: an editor must mark exactly the files that the gate refuses for
// their fields.
func TestJSONSchemaAgreesWithTheChecks(t *testing.T) {
	c := compiled{}
	good, bad := 0, 0
	for _, config := range fixtures(t) {
		body, surface := config.Body()
		if config.IsOperator() && (config.Root.Str("kind") != "IstioOperator" || config.Root.Str("apiVersion") != "install.istio.io/v1alpha1") {
			continue // another rule is about these
		}
		if body == nil || surface == facts.Spec && len(schema.CheckRoot(config.Root, config.Istio)) > 0 || unclear(config.Root) {
			continue
		}
		refused := ""
		for _, issue := range config.Issues() {
			if issue.Class != schema.Deprecated && issue.Class != schema.Dead {
				refused = issue.Message
			}
		}
		data, err := config.Root.JSON()
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		problem := c.of(t, surface, config.Istio).Validate(value)
		switch {
		case refused == "" && problem != nil:
			t.Errorf("%s: the checks accept it, the schema does not: %v", config.Root.Location(), problem)
		case refused != "" && problem == nil:
			t.Errorf("%s: the schema accepts it, the checks do not: %s", config.Root.Location(), refused)
		case refused == "":
			good++
		default:
			bad++
		}
	}
	t.Logf("%d files accepted and %d refused by both", good, bad)
	if good < 50 || bad < 20 {
		t.Error("too few fixtures were compared")
	}
}

func fixtures(t *testing.T) []*snapshot.Config {
	t.Helper()
	var out []*snapshot.Config
	err := filepath.WalkDir("../../testdata/rules", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		o := files.Options{}
		if flags, err := os.ReadFile(filepath.Join(filepath.Dir(path), "flags.txt")); err == nil {
			for line := range strings.Lines(string(flags)) {
				if v, ok := strings.CutPrefix(strings.TrimSpace(line), "--istio-version="); ok {
					if o.Istio, err = facts.ParseMinor(v); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		s, err := files.Load([]string{path}, nil, o)
		if err != nil {
			return nil // the fixture is about files that cannot be read
		}
		for _, d := range s.Documents {
			if len(d.Problems) > 0 {
				return nil
			}
		}
		out = append(out, s.Configs...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// unclear says that a value will be filled in later, about which the checks
// keep silent, or has a form that a JSON Schema cannot express.
func unclear(v *document.Value) bool {
	if v == nil {
		return false
	}
	if v.Kind == document.String && v.Placeholder() != "" || v.Str("spec", "installPackagePath") != "" {
		return true
	}
	for _, f := range append(append([]*document.Value{}, v.Fields()...), v.Items()...) {
		if unclear(f) {
			return true
		}
	}
	return false
}
