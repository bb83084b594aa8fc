package ruletest

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/fix"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
)

// sideEffects names the findings of all rules, those about rendered objects
// included, that went or came with the fixes, besides those that were to be
// fixed.
func sideEffects(t *testing.T, all []*rule.Rule, dir string, r *fix.Result) string {
	t.Helper()
	before, after := judged(t, all, dir, r.Before, true), judged(t, all, dir, r.After, true)
	var out strings.Builder
	for _, f := range less(less(before.Findings, after.Findings), r.Fixed) {
		if f.Rule != "MAN001" { // shown with the rendering
			fmt.Fprintf(&out, "also gone: %s %s: %s\n", f.Severity, f.Rule, f.Message)
		}
	}
	for _, f := range less(after.Findings, before.Findings) {
		fmt.Fprintf(&out, "new: %s %s: %s\n", f.Severity, f.Rule, f.Message)
	}
	return out.String()
}

// less are the findings of a list that another one does not have, wherever
// they stand: fixes move lines and fields.
func less(list, without []finding.Finding) []finding.Finding {
	count := map[string]int{}
	key := func(f finding.Finding) string { return f.Rule + "\x00" + f.Message }
	for _, f := range without {
		count[key(f)]++
	}
	return slices.DeleteFunc(slices.Clone(list), func(f finding.Finding) bool {
		count[key(f)]--
		return count[key(f)] >= 0
	})
}

// onlyThere wants the fixed files to hold the same values as before, but for
// those that the findings and their fixes name.
func onlyThere(t *testing.T, r *fix.Result) {
	t.Helper()
	for _, problem := range elsewhere(r) {
		t.Error(problem)
	}
}

// elsewhere lists the values that differ in places that no fix names, and
// those that did not arrive unchanged where a fix moved them to.
func elsewhere(r *fix.Result) []string {
	named, moved := map[string]bool{}, map[string]string{"minimal": "default", "distroless": "debug", "2": `"2"`, "variant:": "# variant:", "spec:\n": "spec:\n  hub: x\n"}
	for _, f := range r.Fixed {
		for _, path := range append(at(r.Before, f.At), f.At.Path) {
			named[listed(path)] = true
			if to, ok := target(path, f.Fix.Description); ok && !strings.HasSuffix(path, "].name") {
				moved[listed(path)] = listed(to)
			}
			if item, ok := strings.CutSuffix(listed(path), "[].name"); ok && f.Fix.Description == "remove it" {
				named[item] = true
			}
		}
	}
	var out []string
	for _, file := range r.Changed() {
		before, after := unwrapped(leaves(file, r.Before[file]), r.Fixed), leaves(file, r.After[file])
		for path := range union(before, after) {
			if !slices.Equal(before[path], after[path]) && !below(path, named) && !below(path, goals(moved)) {
				out = append(out, fmt.Sprintf("%s: %s was %q and became %q, which no fix says", file, path, before[path], after[path]))
			}
		}
		out = append(out, lost(before, after, named, moved)...)
	}
	slices.Sort(out)
	return out
}

// unwrapped are values with those at the root that a fix writes there.
func unwrapped(values map[string][]string, fixed []finding.Finding) map[string][]string {
	out := maps.Clone(values)
	for _, f := range fixed {
		for path, v := range values {
			if rest, ok := strings.CutPrefix(path, f.At.Path+"."); ok && f.Fix.Description == "write it at the root" {
				delete(out, path)
				out[rest] = v
			}
		}
	}
	return out
}

// lost lists the values inside of those that a fix moved which are not the
// same in the new place, and are not the business of another fix.
func lost(before, after map[string][]string, named map[string]bool, moved map[string]string) []string {
	var out []string
	for from, to := range moved {
		others := maps.Clone(named)
		delete(others, from)
		for path, values := range before {
			rest, inside := strings.CutPrefix(path, from)
			if !inside || !below(path, map[string]bool{from: true}) || below(path, others) || below(to+rest, others) {
				continue
			}
			for _, v := range values {
				if !slices.Contains(after[to+rest], v) && !slices.Contains(after[path], v) {
					out = append(out, fmt.Sprintf("%s was %s, and %s became %q", path, v, to+rest, after[to+rest]))
				}
			}
		}
	}
	return out
}

// at are the paths in a file of what a finding is about. The finding names
// another one for a value that is merged into one place from several.
func at(texts fix.Texts, place finding.Location) []string {
	var out []string
	var walk func(*document.Value)
	walk = func(v *document.Value) {
		own, key := v.Location(), v.Key().Location()
		same := strings.HasSuffix(place.Path, "."+v.Name())
		if same && (v.Scalar() && own.Line == place.Line && own.Column == place.Column || key.Line == place.Line && key.Column == place.Column) {
			out = append(out, v.Path())
		}
		for _, p := range append(v.Fields(), v.Items()...) {
			walk(p)
		}
	}
	for _, d := range document.Parse(place.File, texts[place.File]) {
		if d.Root != nil {
			walk(d.Root)
		}
	}
	return out
}

// indices are the numbers of the items of lists, which change when one goes.
var indices = regexp.MustCompile(`\[[0-9]+\]`)

func listed(path string) string { return indices.ReplaceAllString(path, "[]") }

// target is the path that a fix's description gives the value at a path.
func target(path, description string) (string, bool) {
	for _, verb := range []string{"move it to ", "set "} {
		if to, ok := strings.CutPrefix(description, verb); ok {
			to, _, _ = strings.Cut(to, ":")
			return to, true
		}
	}
	name, ok := strings.CutPrefix(description, "rename it to ")
	return path[:strings.LastIndexByte(path, '.')+1] + name, ok
}

// TestUnintended wants the checks of fixes to notice a change that no fix is
// for: of another value, of its kind, of a comment, and of what is installed.
func TestUnintended(t *testing.T) {
	all, dir := rules.All(), filepath.Join(Root(t), "testdata", "rules", "VAL001", "bad")
	i := slices.IndexFunc(all, func(r *rule.Rule) bool { return r.ID == "VAL001" })
	honest := fixedBy(t, all, all[i], dir, fix.Texts{})
	if problems := elsewhere(honest); len(honest.Fixed) == 0 || len(problems) > 0 {
		t.Fatalf("%d fixed, %q", len(honest.Fixed), problems)
	}
	want := describe(t, all, dir, honest)
	for old, now := range map[string]string{"minimal": "default", "distroless": "debug", "2": `"2"`, "variant:": "# variant:", "spec:\n": "spec:\n  hub: x\n"} {
		tampered := *honest
		tampered.After = maps.Clone(honest.After)
		for file, text := range honest.After {
			tampered.After[file] = bytes.Replace(text, []byte(old), []byte(now), 1)
		}
		if len(elsewhere(&tampered)) == 0 || describe(t, all, dir, &tampered) == want {
			t.Errorf("nobody notices that %q became %q", old, now)
		}
	}
}

// below says that a path is one of those named, or inside of one. A map that
// got or lost its last field differs too: it is a value {} then.
func below(path string, named map[string]bool) bool {
	path, empty := strings.CutSuffix(path, "{}")
	for name := range named {
		rest, inside := strings.CutPrefix(path, name)
		if inside && (rest == "" || rest[0] == '.' || rest[0] == '[') || empty && strings.HasPrefix(name, path) {
			return true
		}
	}
	return false
}

// leaves are the scalars of a file by path, each with its kind; an empty map
// or list counts as one, and its path ends in {}.
func leaves(file string, text []byte) map[string][]string {
	out := map[string][]string{}
	var walk func(*document.Value)
	walk = func(v *document.Value) {
		path, parts := listed(v.Path()), append(v.Fields(), v.Items()...)
		switch {
		case v.Scalar():
			out[path] = append(out[path], fmt.Sprintf("%s %s", v.Kind, v.Text))
		case len(parts) == 0:
			out[path+"{}"] = append(out[path+"{}"], v.Kind.String())
		}
		for _, p := range parts {
			walk(p)
		}
	}
	for _, d := range document.Parse(file, text) {
		if d.Root != nil {
			walk(d.Root)
		}
	}
	return out
}

func goals(moved map[string]string) map[string]bool {
	out := map[string]bool{}
	for _, to := range moved {
		out[to] = true
	}
	return out
}

func union(a, b map[string][]string) map[string][]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
