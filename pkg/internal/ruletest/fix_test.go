package ruletest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/diff"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/fix"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

// TestFixes fixes every fixture with its own rule's fixes. want.diff shows
// what that changes in the files, in what other rules find and in what would
// be installed, so that a reviewer sees all; UPDATE_GOLDEN=1 rewrites it.
func TestFixes(t *testing.T) {
	all := rules.All()
	fixed := 0
	for _, r := range all {
		if !r.In(rule.Validate) {
			continue
		}
		bad, good := Fixtures(t, r.ID)
		for _, dir := range slices.Concat(bad, good) {
			t.Run(r.ID+"/"+filepath.Base(dir), func(t *testing.T) {
				fixed += checkFixes(t, all, r, dir)
			})
		}
	}
	t.Logf("%d findings fixed", fixed)
}

func checkFixes(t *testing.T, all []*rule.Rule, r *rule.Rule, dir string) int {
	t.Helper()
	result := fixedBy(t, all, r, dir, fix.Texts{})
	if len(result.Changed()) > 0 {
		unchangedOtherwise(t, result)
		onlyThere(t, result)
		if again := fixedBy(t, all, r, dir, result.After); len(again.Changed()) > 0 {
			t.Errorf("a second run changes more:\n%s", again.Diff())
		}
	}
	for _, d := range result.Dropped {
		t.Logf("not fixed: %s: %s: %s", d.Finding.At, d.Finding.Message, d.Reason)
	}
	text := strings.ReplaceAll(describe(t, all, dir, result), dir+string(filepath.Separator), "")
	if strings.Contains(text, "\nnew: error ") {
		t.Error("a fix brings up an error") // a new warning may be about what had no effect before
	}
	golden(t, filepath.Join(dir, diffFile), text)
	return len(result.Fixed)
}

func fixedBy(t *testing.T, all []*rule.Rule, r *rule.Rule, dir string, texts fix.Texts) *fix.Result {
	t.Helper()
	load(t, dir, texts)
	result, err := fix.Run(texts, func(texts fix.Texts) (*fix.Judgement, error) {
		whole := judged(t, all, dir, texts, slices.Contains(r.Needs, snapshot.Rendered))
		wanted := *whole
		wanted.Findings = slices.DeleteFunc(slices.Clone(whole.Findings), func(f finding.Finding) bool { return f.Rule != r.ID })
		return &fix.Judgement{Wanted: &wanted, All: whole}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// judged is what all rules find in the texts of a fixture.
func judged(t *testing.T, all []*rule.Rule, dir string, texts fix.Texts, render bool) *report.Report {
	t.Helper()
	snap := load(t, dir, texts)
	if render {
		if err := rendered.Check(t.Context(), snap); err != nil {
			t.Fatal(err)
		}
	}
	return engine.Run(all, snap, engine.Options{Stage: rule.Validate})
}

// unchangedOtherwise wants that a fixed file has as many documents as before,
// the same line ends, no comment that is new, and none less unless something
// was removed.
func unchangedOtherwise(t *testing.T, r *fix.Result) {
	t.Helper()
	for _, file := range r.Changed() {
		before, after := r.Before[file], r.After[file]
		old, now := document.Parse(file, before), document.Parse(file, after)
		if len(old) != len(now) {
			t.Errorf("%s has %d documents, had %d", file, len(now), len(old))
		}
		if crlf := bytes.Count(before, []byte("\r\n")); crlf > 0 && bytes.Count(after, []byte("\r\n")) != bytes.Count(after, []byte("\n")) {
			t.Errorf("%s has mixed line ends", file)
		}
		removing := slices.ContainsFunc(r.Fixed, func(f finding.Finding) bool { return f.Fix.Description == "remove it" })
		comments(t, before, after, removing)
	}
}

func comments(t *testing.T, before, after []byte, removing bool) {
	t.Helper()
	count := map[string]int{}
	for _, line := range strings.Split(string(before), "\n") {
		if _, comment, ok := strings.Cut(" "+line, " #"); ok {
			count[comment]++
		}
	}
	for _, line := range strings.Split(string(after), "\n") {
		if _, comment, ok := strings.Cut(" "+line, " #"); ok {
			count[comment]--
		}
	}
	for comment, n := range count {
		if n < 0 || n > 0 && !removing {
			t.Errorf("comment %q: %d lost", comment, n)
		}
	}
}

// describe is the diff of the files and that of the objects.
func describe(t *testing.T, all []*rule.Rule, dir string, r *fix.Result) string {
	t.Helper()
	if len(r.Changed()) == 0 {
		return ""
	}
	before, after := manifests(t, dir, r.Before), manifests(t, dir, r.After)
	var names []string
	for name := range before {
		names = append(names, name)
	}
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out strings.Builder
	out.Write(r.Diff())
	out.WriteString(sideEffects(t, all, dir, r))
	for _, name := range names {
		if text := diff.Diff(name, []byte(before[name]), name, []byte(after[name])); text != nil {
			_, text, _ = bytes.Cut(text, []byte("\n"))
			out.Write(text)
		}
	}
	return out.String()
}

// manifests are the objects by name, and why there are none.
func manifests(t *testing.T, dir string, texts fix.Texts) map[string]string {
	t.Helper()
	snap := load(t, dir, texts)
	if err := rendered.Check(t.Context(), snap); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i, rendering := range snap.Renderings {
		about := refusals(rendering)
		if rendering.Unknown != "" {
			about += "not rendered: " + rendering.Unknown + "\n"
		}
		out[fmt.Sprintf("rendering %d", i+1)] = about
		for _, m := range rendering.Manifests {
			text, err := yaml.Marshal(m.Object.Object)
			if err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("rendering %d %s %s", i+1, m.Object.GetKind(), m.Object.GetName())] = string(text)
		}
	}
	return out
}

// several matches what differs from run to run in Istio's complaints when
// there are several: the order of maps decides which is told.
var several = regexp.MustCompile(`unknown field ".*"|Defaults set: .*`)

func refusals(r snapshot.Rendering) string {
	var out []string
	for _, refusal := range r.Refusals {
		out = append(out, "refused: "+several.ReplaceAllString(refusal.Message, "(one of several)")+"\n")
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), "")
}

// golden compares with a file; an empty text stands for no file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		err := os.WriteFile(path, []byte(got), 0o644)
		if got == "" {
			err = os.RemoveAll(path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-) and what the fixes change (+) differ:\n%s", path, diff)
	}
}
