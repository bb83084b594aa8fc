package document

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/finding"
)

// TestNestedPlaces wants the place in the outer file of each value inside a
// string, in every way to write one.
func TestNestedPlaces(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"literal", "values: |\n  a:\n    b: 1\n\n  c: x # y\n", "a 3:5; a.b 3:8-9; c 5:6-7"},
		{"deeper indentation", "values: |-\n      a: 1\n      b:\n        - 2\n", "a 2:10-11; b 4:9; b[0] 4:11-12"},
		{"indicator", "x:\n  values: |2\n      a: 1\n      b: 2\n", "a 3:10-11; b 4:10-11"},
		{"blank lines first", "values: |\n\n\n  a: 1\n", "a 4:6-7"},
		{"comment beside the bar", "values: | # helm\n  a: ü\n  b: 1\n", "a 2:6-7; b 3:6-7"},
		{"CRLF", "values: |\r\n  a: 1\r\n  b: 2\r\n", "a 2:6-7; b 3:6-7"},
		{"in a list", "- |\n a: 1\n", "a 2:5-6"},
		{"anchor", "values: &v |\n  a: 1\n", "a 2:6-7"},
		{"anchor on its own line", "values: &v\n  |\n  a: 1\n", "a 1:9"},
		{"folded, more indented lines", "values: >\n    a:\n      b: 1\n      c: 2\n", "a 3:7; a.b 3:10-11; a.c 4:10-11"},
		{"folded flow", "values: >-\n  {a: 1,\n   b: 2,\n  c: 3}\n", "a 2:7-8; b 3:7-8; c 4:6-7"},
		{"folded text", "values: >-\n  {a: 1,\n  b: 2,\n  c: 3}\n", "a 2:7-8; b 3:6-7; c 4:6-7"},
		{"double quoted", "values: \"a: 1\\nb: 2\\n\"\n", "a 1:9; b 1:9"},
		{"single quoted", "values: 'a: 1'\n", "a 1:9"},
		{"second document", "---\nz: 1\n---\nvalues: |\n  ---\n  a: 1\n", "a 6:6-7"},
		{"twice nested", "values: |\n  values: |\n    a: 1\n    b: 2\n", "a 3:8-9; b 4:8-9"},
	} {
		docs := Parse("f", []byte(c.text))
		outer := find(docs[len(docs)-1].Root)
		inner := outer.Nested()
		if f := inner.Root.Field("values"); f != nil {
			inner = f.Nested()
		}
		got := strings.ReplaceAll(places(inner.Root), outer.Path()+".", "")
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if len(inner.Problems) > 0 {
			t.Errorf("%s: %v", c.name, inner.Problems)
		}
	}
}

func find(root *Value) *Value {
	if root.Kind == List {
		return root.Items()[0]
	}
	if v := root.Field("values"); v != nil {
		return v
	}
	return root.At("x", "values")
}

func places(v *Value) string {
	var out []string
	for _, f := range append(v.Fields(), v.Items()...) {
		at := f.Location()
		text := at.Path + " " + strings.TrimPrefix(at.String(), "f:")
		if at.EndLine == at.Line && at.EndColumn > at.Column && f.block == nil && at.EndColumn-at.Column == utf8.RuneCountInString(f.Text) {
			text += "-" + strconv.Itoa(at.EndColumn)
		}
		out = append(out, text)
		if inner := places(f); inner != "" {
			out = append(out, inner)
		}
	}
	return strings.Join(out, "; ")
}

func TestNestedPath(t *testing.T) {
	root := Parse("f", []byte("spec:\n  sources:\n  - values: |\n      global:\n        hub: x\n"))[0].Root
	values := root.At("spec", "sources").Items()[0].Field("values").Nested().Root
	hub := values.At("global", "hub")
	if got := hub.Path(); got != "spec.sources[0].values.global.hub" {
		t.Errorf("path %s", got)
	}
	merged := Merge(Parse("g", []byte("global:\n  tag: y\n"))[0].Root, values)
	if got := merged.At("global", "hub").Path(); got != "spec.sources[0].values.global.hub" {
		t.Errorf("merged: path %s", got)
	}
}

func TestNestedProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"values: |\n  a: 1\n  a: 2\n", "f:3:3"},
		{"values: |\n  a: [\n", "f:2:3"},
		{"values: |\n  a:\n  \tb: 1\n", "f:3:3"},
		{"values: |\n  x: 1\n  a: *none\n", "f:3:6"},
		{"values: |\n  a: {{ .b }}\n", "f:2:6"},
	} {
		doc := Parse("f", []byte(c.text))[0].Root.Field("values").Nested()
		if len(doc.Problems) != 1 || doc.Problems[0].At.String() != c.want {
			t.Errorf("%q: %v, want one at %s", c.text, doc.Problems, c.want)
		}
	}
	for _, none := range []string{"values: |\n  # x\n", "values: 1\n", "values: ''\n", "values: {}\n"} {
		if doc := Parse("f", []byte(none))[0].Root.Field("values").Nested(); doc != nil {
			t.Errorf("%q: %v, want none", none, doc)
		}
	}
}

// TestNestedEdits wants that edits of values inside a | string change the
// outer file, and that other strings get none.
func TestNestedEdits(t *testing.T) {
	text := "spec:\n  values: |\n    a:\n      # note\n      b: 1.20 # ü\n    c: x\n  other: 1\n"
	inner := func() *Value { return Parse("f", []byte(text))[0].Root.At("spec", "values").Nested().Root }
	for name, c := range map[string]struct {
		edit func(root *Value) []finding.Edit
		want string
	}{
		"rename":  {func(v *Value) []finding.Edit { return v.At("a", "b").Rename("d") }, strings.Replace(text, "b: 1.20", "d: 1.20", 1)},
		"replace": {func(v *Value) []finding.Edit { return v.At("a", "b").Replace("1.20", String) }, strings.Replace(text, "1.20", `"1.20"`, 1)},
		"remove":  {func(v *Value) []finding.Edit { return v.At("c").Remove(nil) }, strings.Replace(text, "    c: x\n", "", 1)},
		"insert":  {func(v *Value) []finding.Edit { return v.Insert("1", Int, "e", "f") }, strings.Replace(text, "    c: x\n", "    c: x\n    e:\n      f: 1\n", 1)},
		"move": {func(v *Value) []finding.Edit { return v.At("c").Move(nil, v, "a", "c") },
			strings.Replace(strings.Replace(text, "    c: x\n", "", 1), "# ü\n", "# ü\n      c: x\n", 1)},
	} {
		if got := edited(t, text, c.edit(inner())); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
	for _, none := range []string{"values: \"a: 1\"\n", "values: >\n  {a: 1}\n", "x: &x |\n  a: 1\nvalues: *x\n"} {
		if edits := Parse("f", []byte(none))[0].Root.Field("values").Nested().Root.Field("a").Rename("b"); edits != nil {
			t.Errorf("%q: %v", none, edits)
		}
	}
}

func TestHoist(t *testing.T) {
	root := Parse("f", []byte("values:\n  ztunnel:\n    a: 1\n    global: {x: 1}\n  global: {z: 2}\n  b: 3\n"))[0].Root.Field("values")
	out := root.Hoist("ztunnel")
	if got := jsonText(t, out); got != `{"a":1,"b":3,"global":{"x":1,"z":2}}` {
		t.Error(got)
	}
	if a := out.Field("a"); a.Path() != "values.ztunnel.a" || a.Location().Line != 3 || len(a.Rename("c")) != 1 {
		t.Errorf("%s at %v, %v", a.Path(), a.Location(), a.Rename("c"))
	}
	if b := out.Field("b"); b.Path() != "values.b" {
		t.Errorf("%s", b.Path())
	}
	if root.Field("ztunnel").Path() != "values.ztunnel" || root.At("ztunnel", "a").Path() != "values.ztunnel.a" {
		t.Error("the input was changed")
	}
}
