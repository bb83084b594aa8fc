package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

var someRules = []string{"TEL001", "ANN001", "SE001", "SDC002", "VAL001", "VAL002", "IMG001"}

const whole = `
fail-on: warning
strict: true
select: [VAL, img001]
ignore:
  - TEL001
  - rule: VAL
    path: ./clusters/dev/
    reason: dev is a playground
severity: {VAL002: info}
istio-version: 1.30
from-version: none
kubernetes-version: v1.34.2
platform: eks
baseline: known.json
rules:
  TEL001: {metrics: sensitive}
  ANN001: {allow: [proxy.istio.io/config, "traffic.sidecar.istio.io/*"]}
  SE001: {allow: ["Group/platform-*", ServiceAccount/argocd/controller]}
  SDC002: {services: 200}
`

func TestParse(t *testing.T) {
	c, err := Parse("f", []byte(whole), someRules, map[string]string{"some-name": someRules[0]})
	if err != nil {
		t.Fatal(err)
	}
	if c.FailOn.Value != "warning" || c.FailOn.At.Line != 2 || !c.Strict || strings.Join(c.Select, " ") != "VAL IMG001" || strings.Join(c.Ignore, " ") != "TEL001" {
		t.Errorf("%+v", c)
	}
	if len(c.Exceptions) != 1 || c.Exceptions[0].Path != "clusters/dev" || c.Exceptions[0].At.Line != 7 || c.Severity["VAL002"] != finding.Info {
		t.Errorf("%+v", c)
	}
	if c.IstioVersion != "1.30" || c.FromVersion != "none" || c.KubernetesVersion != "v1.34.2" || c.Platform != "eks" || c.Baseline != "known.json" || !c.Rules.SensitiveMetrics || len(c.Rules.AllowedAnnotations) != 2 || len(c.Rules.AllowedWriters) != 2 || c.Rules.ManyServices != 200 {
		t.Errorf("%+v", c)
	}
	for _, empty := range []string{"", "# nothing yet\n", "---\n"} {
		if _, err := Parse("f", []byte(empty), someRules, map[string]string{"some-name": someRules[0]}); err != nil {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

// bad files and what is said about each; the schema must refuse those that a
// schema can.
var bad = []struct {
	text, want string
	schema     bool
}{
	{"fail_on: error\n", `f:1:1: unknown setting "fail_on", did you mean "fail-on"?`, true},
	{"nonsense: 1\n", `f:1:1: unknown setting "nonsense", want one of baseline, fail-on, `, true},
	{"fail-on: erorr\n", `f:1:10: fail-on: unknown value "erorr", did you mean "error"?`, true},
	{"strict: \"yes\"\n", `f:1:9: strict must be true or false, is a string`, true},
	{"select: VAL\n", `f:1:9: select must be a list, is a string`, true},
	{"select: [VAL1O1]\n", `f:1:10: no rule matches "VAL1O1", did you mean VAL001?`, true},
	{"ignore:\n  - {rule: VAL001}\n", `f:2:5: ignore[0] gives no reason`, true},
	{"ignore:\n  - {rule: VAL001, reason: ' '}\n", `f:2:5: ignore[0] gives no reason`, true},
	{"ignore:\n  - {reason: x}\n", `f:2:5: ignore[0] names no rule`, true},
	{"ignore:\n  - {rule: VAL9, reason: x}\n", `f:2:12: no rule matches "VAL9"`, false},
	{"ignore:\n  - {rule: VAL, paths: a, reason: x}\n", `f:2:17: unknown setting "ignore[0].paths", did you mean "path"?`, true},
	{"ignore:\n  - {rule: VAL, path: ../a, reason: x}\n", `f:2:23: "../a" lies outside`, false},
	{"ignore:\n  - {rule: VAL, path: 'a[', reason: x}\n", `f:2:23: "a[" is no valid pattern`, false},
	{"severity: [VAL001]\n", `f:1:11: severity must be a map of rules, is a list`, true},
	{"severity: {VAL001: fatal}\n", `f:1:20: severity.VAL001: unknown value "fatal"`, true},
	{"severity: {VOL001: error}\n", `f:1:12: no rule matches "VOL001", did you mean VAL001?`, false},
	{"istio-version: 1.99\n", `f:1:16: istio-version: Istio 1.99 is not known, want 1.18 to `, false},
	{"istio-version: latest\n", `f:1:16: istio-version: version "latest" has no minor`, false},
	{"istio-version:\n", `f:1:1: istio-version must be a text, is empty`, true},
	{"kubernetes-version: [1]\n", `f:1:21: kubernetes-version must be a text, is a list`, true},
	{"platform: azure\n", `f:1:11: platform: unknown value "azure"`, false},
	{"rules: {TEL001: {metrics: secret}}\n", `f:1:27: rules.TEL001.metrics: unknown value "secret"`, true},
	{"rules: {TEL002: {}}\n", `f:1:9: unknown setting "rules.TEL002", did you mean "TEL001"?`, true},
	{"rules: {ANN001: {allow: proxy.istio.io/config}}\n", `f:1:25: rules.ANN001.allow must be a list, is a string`, true},
	{"rules: {SE001: {allow: [platform]}}\n", `f:1:25: rules.SE001.allow[0]: "platform" is no subject, want User/NAME, Group/NAME or ServiceAccount/NAMESPACE/NAME`, true},
	{"rules: {SDC002: {services: many}}\n", `f:1:28: rules.SDC002.services must be a number from 1 on, is a string`, true},
	{"rules: {SDC002: {services: 0}}\n", `f:1:28: rules.SDC002.services must be a number from 1 on, is an integer`, true},
	{"- a\n", `f:1:1: the configuration must be a map, is a list`, true},
	{"fail-on: error\nfail-on: error\n", `f:2:1: key "fail-on" stands twice`, false},
	{"a: b: c\n", `f:1:1: not valid YAML`, false},
	{"strict: true\n---\nstrict: true\n", `f:2:1: a configuration file holds one document only`, false},
}

func TestMistakes(t *testing.T) {
	for _, tc := range bad {
		_, err := Parse("f", []byte(tc.text), someRules, map[string]string{"some-name": someRules[0]})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q gives\n%v\nwant\n%s", tc.text, err, tc.want)
		}
	}
}

// TestSchema wants the JSON Schema to agree with the reader.
func TestSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		data, err := document.Parse("f", []byte(text))[0].Root.JSON()
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(v)
	}
	if err := validate(whole); err != nil {
		t.Error(err)
	}
	for _, tc := range bad {
		if tc.schema && validate(tc.text) == nil {
			t.Errorf("the schema accepts %q", tc.text)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "repo", "a", "b")
	for _, dir := range []string{deep, filepath.Join(root, "repo", ".git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(path string) string {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	finds := func(want string) {
		t.Helper()
		if got, err := Find(deep); got != want || err != nil {
			t.Errorf("found %q, %v; want %q", got, err, want)
		}
	}
	write(filepath.Join(root, FileName)) // above the repository
	finds("")
	finds(write(filepath.Join(root, "repo", FileName)))
	finds(write(filepath.Join(root, "repo", "a", FileName)))
	outside := filepath.Join(root, "elsewhere")
	if err := os.MkdirAll(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(outside); got != "" || err != nil {
		t.Errorf("outside of a repository found %q, %v, which may belong to somebody else", got, err)
	}
	if got, err := Find(root); got != filepath.Join(root, FileName) || err != nil {
		t.Errorf("in the folder itself found %q, %v", got, err)
	}
	write(filepath.Join(deep, ".meshctl.yml"))
	if _, err := Find(deep); err == nil || !strings.Contains(err.Error(), "is called .meshctl.yaml") {
		t.Errorf("a misnamed file gives %v", err)
	}
}

func TestMatches(t *testing.T) {
	c := &Config{Folder: "/repo"}
	for _, tc := range []struct {
		pattern, file string
		want          bool
	}{
		{"", "anything", true},
		{"a.yaml", "/repo/a.yaml", true},
		{"a.yaml", "/repo/x/../a.yaml", true},
		{"a.yaml", "/repo/x/a.yaml", false},
		{"**/a.yaml", "/repo/a.yaml", true},
		{"**/a.yaml", "/repo/x/y/a.yaml", true},
		{"x", "/repo/x/y/a.yaml", true},
		{"x/*", "/repo/x/y/a.yaml", true},
		{"x/*.yaml", "/repo/x/y/a.yaml", false},
		{"{dev,test}/**", "/repo/test/a.yaml", true},
		{"**", "/elsewhere/a.yaml", false},
		{"**", "-", false},
	} {
		if got := c.Matches(Exception{Path: tc.pattern}, tc.file); got != tc.want {
			t.Errorf("%q for %q: %v", tc.pattern, tc.file, got)
		}
	}
}
