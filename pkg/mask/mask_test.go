package mask

import (
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const file = `spec:
  values:
    password: abc
    global:
      token: T0ken-of-the-mesh
      secretName: my-secret-name
      hub: https://bob:Hub-p4ss@reg.example.com
      apiKey: istio-system
      namespace: istio-system
    env:
    - name: X_TOKEN
      value: "quo\"ted tok3n"
    credentials:
      admin: cr3dential
      name: admin-name
    ca-key.pem: |
      line-one-of-the-key
      line-two-of-the-key
---
kind: Secret
apiVersion: v1
stringData:
  anything: inside-a-secr3t
`

func set(t *testing.T) *Set {
	t.Helper()
	return Of(&snapshot.Snapshot{Documents: document.Parse("f.yaml", []byte(file))})
}

func TestMessages(t *testing.T) {
	at := func(path string) finding.Location { return finding.Location{File: "f.yaml", Line: 99, Path: path} }
	for _, c := range []struct {
		at       finding.Location
		in, want string
	}{
		{at("spec.values.password"), "want a map, got abc", "want a map, got ***"},
		{at("spec.values"), "values holds abc", "values holds ***"},
		{at("spec.other"), "abc is a word elsewhere", "same"},
		{at("spec.values.password"), "abcd is another word", "same"},
		{at("spec.other"), `the token "T0ken-of-the-mesh" is old`, `the token "***" is old`},
		{at("spec.other"), "it begins with T0ken-of-the...", "it begins with ***..."},
		{at("spec.other"), "my-secret-name and admin-name are names", "same"},
		{at("spec.other"), "the password is Hub-p4ss", "the password is ***"},
		{at("spec.other"), "namespace istio-system has no label", "same"},
		{at("spec.values.global.apiKey"), "istio-system is no key", "*** is no key"},
		{at("spec.other"), `unknown value "quo\"ted tok3n"`, `unknown value "***"`},
		{at("spec.other"), "cr3dential of admin", "*** of admin"},
		{at("spec.other"), `not a key: "line-one-of-the-key\nline-two-of-the-key\n"`, `not a key: "***\n"`},
		{at("spec.other"), "line two is line-two-of-the-key", "line two is ***"},
		{at("spec.other"), "a Secret holds inside-a-secr3t", "a Secret holds ***"},
	} {
		if c.want == "same" {
			c.want = c.in
		}
		r := set(t).Report(report.New("validate", nil, []finding.Finding{{Message: c.in, At: c.at, Related: []finding.Related{{Message: c.in, At: c.at}}}}))
		if got := r.Findings[0]; got.Message != c.want || got.Related[0].Message != c.want {
			t.Errorf("at %s: %s\nwant %s", c.at.Path, got.Message, c.want)
		}
	}
}

// TestFixes wants edits that show a secret left out, and the report that was
// given in unchanged, because its edits are what changes the files.
func TestFixes(t *testing.T) {
	in := report.New("validate", nil, []finding.Finding{
		{Message: "a", At: finding.Location{File: "f.yaml", Path: "spec.values.password"}, Fix: &finding.Fix{Description: "write abc", Edits: []finding.Edit{{Text: "x"}, {Text: "\"abc\""}}}},
		{Message: "b", At: finding.Location{File: "f.yaml", Path: "spec.values.global"}, Fix: &finding.Fix{Description: "rename", Edits: []finding.Edit{{Text: "accessToken"}}}},
		{Message: "c", At: finding.Location{File: "g.yaml"}, Fix: &finding.Fix{Edits: []finding.Edit{{Text: "a: b\npassword: new\n"}}}},
	})
	out := set(t).Report(in)
	if f := out.Findings; f[1].Fix.Edits != nil || f[1].Fix.Description != "write ***" || len(f[0].Fix.Edits) != 1 || f[2].Fix.Edits != nil {
		t.Errorf("masked: %+v %+v %+v", *f[0].Fix, *f[1].Fix, *f[2].Fix)
	}
	if f := in.Findings; len(f[1].Fix.Edits) != 2 || f[1].Fix.Description != "write abc" {
		t.Errorf("the report that was given in is changed: %+v", *f[0].Fix)
	}
}

// TestEverywhere wants every text of a report masked.
func TestEverywhere(t *testing.T) {
	const text = "T0ken-of-the-mesh"
	expr := "--set values.global.token=" + text
	f := finding.Finding{Message: text, At: finding.Location{File: expr}, Related: []finding.Related{{Message: text, At: finding.Location{File: expr}}}}
	r := report.New("validate", []report.RuleResult{{Reason: text, Undecided: text}}, []finding.Finding{f})
	r.Failure = text
	r.Suppress([]report.Suppressed{{Finding: f, By: report.Suppression{Reason: text}}})
	out := set(t).Report(r)
	for _, got := range []string{
		out.Failure, out.Rules[0].Reason, out.Rules[0].Undecided, out.Findings[0].Message, out.Findings[0].At.File, out.Findings[0].Related[0].Message,
		out.Findings[0].Related[0].At.File, out.Suppressed[0].Message, out.Suppressed[0].At.File, out.Suppressed[0].By.Reason,
	} {
		if strings.Contains(got, text) || !strings.HasSuffix(got, "***") {
			t.Errorf("%q is left", got)
		}
	}
	if got := (*Set)(nil).Report(r).Findings[0].At.File; got != "--set values.global.token=***" {
		t.Errorf("without a set: %s", got)
	}
}

// TestDiff wants a part that begins inside of a key masked, and the rest of
// the diff as it was.
func TestDiff(t *testing.T) {
	before := map[string][]byte{"f.yaml": []byte("key.pem: |\n  s3cret1\n  s3cret2\n  s3cret3\n  s3cret4\nhub: a\nbob: '--- b'\npassword: s3cret5\r\nend: x")}
	after := map[string][]byte{"f.yaml": []byte("key.pem: |\n  s3cret1\n  s3cret2\n  s3cret3\n  s3cret4\nhub: b\npassword: \"s3cret5\"\r\nend: x")}
	diff := "--- f.yaml\n+++ f.yaml\n@@ -3,7 +3,6 @@\n   s3cret2\n   s3cret3\n   s3cret4\n-hub: a\n-bob: '--- b'\n-password: s3cret5\r\n+hub: b\n+password: \"s3cret5\"\r\n end: x\n\\ No newline at end of file\n"
	want := "--- f.yaml\n+++ f.yaml\n@@ -3,7 +3,6 @@\n   ***\n   ***\n   ***\n-hub: a\n-bob: '--- b'\n-password: ***\r\n+hub: b\n+password: ***\r\n end: x\n\\ No newline at end of file\n"
	if got := string((*Set)(nil).Diff([]byte(diff), before, after)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLines(t *testing.T) {
	got := strings.Join(set(t).Lines("f.yaml", file), "\n")
	for _, s := range []string{"abc", "T0ken", "Hub-p4ss", "tok3n", "cr3dential", "line-", "secr3t"} {
		if strings.Contains(got, s) {
			t.Errorf("%s is left in\n%s", s, got)
		}
	}
	for _, s := range []string{"my-secret-name", "namespace: istio-system", "admin-name", "X_TOKEN"} {
		if !strings.Contains(got, s) {
			t.Errorf("%s is not in\n%s", s, got)
		}
	}
}
