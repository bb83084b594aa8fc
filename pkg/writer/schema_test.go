package writer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/jacoelho/xsd"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/meshctl/meshctl/pkg/report"
)

var schemas = filepath.Join("..", "..", "testdata", "schemas")

// checkers say what is wrong with a document of a format; the JSON formats
// by JSON Schema, JUnit by the two XML schemas that its readers publish.
func checkers(t testing.TB) map[string]func([]byte) error {
	t.Helper()
	ant, jenkins := xmlSchema(t, "junit-ant.xsd"), xmlSchema(t, "junit-jenkins-10.xsd")
	return map[string]func([]byte) error{
		"json":   jsonSchema(t, "report.json", report.Schema()),
		"sarif":  jsonSchema(t, "sarif.json", read(t, "sarif-schema-2.1.0.json")),
		"gitlab": jsonSchema(t, "gitlab.json", read(t, "gitlab-code-quality.json")),
		"junit": func(doc []byte) error {
			if err := ant.Validate(bytes.NewReader(doc)); err != nil {
				return err
			}
			return jenkins.Validate(bytes.NewReader(doc))
		},
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(schemas, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func xmlSchema(t testing.TB, name string) *xsd.Schema {
	t.Helper()
	schema, err := xsd.LoadFile(filepath.Join(schemas, name))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func jsonSchema(t testing.TB, name string, text []byte) func([]byte) error {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(text []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(doc)
	}
}

// TestSchemas holds the goldens, an empty report and one of a failure against
// the published schemas.
func TestSchemas(t *testing.T) {
	failed := report.New("validate", nil, nil)
	failed.Failure = "reading x.yaml: no such file or directory"
	for format, check := range checkers(t) {
		for name, r := range map[string]*report.Report{"sample": sample(t), "empty": report.New("validate", nil, nil), "failed": failed} {
			if err := check(printed(t, format, r)); err != nil {
				t.Errorf("%s of report %q: %v", format, name, err)
			}
		}
	}
}

// TestCheckersCheck wants the schemas to find faults, so that their silence
// means something.
func TestCheckersCheck(t *testing.T) {
	for format, edits := range map[string][][2]string{
		"json":   {{`"outcome": "failed"`, `"outcome": "great"`}},
		"sarif":  {{`"level": "error"`, `"level": "bad"`}, {`"startLine": 3`, `"startLine": 0`}, {`"uri": "istio.yaml"`, `"uri": "a%zz"`}},
		"gitlab": {{`"severity": "critical"`, `"severity": "error"`}, {`"begin": 3`, `"begin": 0`}},
		"junit":  {{`tests="`, `tests="x`}, {`<skipped`, `<forgotten`}, {`timestamp="2026`, `timestamp="26`}, {`<system-out>`, `<system-in>`}},
	} {
		check := checkers(t)[format]
		for _, edit := range edits {
			good := printed(t, format, sample(t))
			bad := bytes.Replace(good, []byte(edit[0]), []byte(edit[1]), 1)
			if bytes.Equal(good, bad) {
				t.Fatalf("%s: no %s to change", format, edit[0])
			}
			if check(bad) == nil {
				t.Errorf("%s: %s is taken", format, edit[1])
			}
		}
	}
}

// TestFingerprints wants them unique in a report and the same after lines
// have moved.
func TestFingerprints(t *testing.T) {
	before, moved := sample(t), sample(t)
	for i := range moved.Findings {
		if moved.Findings[i].At.Line > 0 {
			moved.Findings[i].At.Line += 7
		}
	}
	a, b := fingerprints(before.Findings), fingerprints(moved.Findings)
	seen := map[string]bool{}
	for i := range a {
		if a[i] != b[i] || seen[a[i]] {
			t.Errorf("finding %d: fingerprints %s and %s, used before: %v", i, a[i], b[i], seen[a[i]])
		}
		seen[a[i]] = true
	}
	var issues []gitlabIssue
	if err := json.Unmarshal(printed(t, "gitlab", before), &issues); err != nil {
		t.Fatal(err)
	}
	for _, i := range issues {
		delete(seen, i.Fingerprint)
	}
	if len(seen) > 0 {
		t.Errorf("GitLab's report has other fingerprints; left are %v", seen)
	}
}
