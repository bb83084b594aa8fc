package document

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
)

// tryWraps tries the edits that put a value in a map or take it out of one.
func tryWraps(v *Value, try func(string, []finding.Edit, func(tree) any)) {
	try("empty", v.Empty(), func(x tree) any { return x.with(v.name, map[string]any{}) })
	try("named", v.Named("name"), func(x tree) any { return x.with("", map[string]any{"name": v.Any()}) })
	try("above", v.Above("new", "1.20"), func(x tree) any { return x.inserted("1.20", "new") })
	try("unwrap", v.Unwrap(), func(x tree) any { return x.unwrapped() })
	for _, f := range v.Fields() {
		try("single", v.Single(f.Name()), func(x tree) any { return x.with("", f.Any()) })
	}
}

// unwrapped is the tree with the fields of v in the place of v.
func (x tree) unwrapped() any {
	return x.build(x.root, func(at *Value) (any, bool) {
		if at != x.v.parent {
			return nil, false
		}
		out := at.Any().(map[string]any)
		delete(out, x.v.name)
		for _, f := range x.v.fields {
			out[f.name] = f.Any()
		}
		return out, true
	})
}

func TestWrapText(t *testing.T) {
	field := func(names ...string) func(*Value) *Value { return func(v *Value) *Value { return v.At(names...) } }
	item := func(v *Value) *Value { return v.Field("a").Items()[0] }
	for _, c := range []struct {
		text, want string // "" for no edit
		edit       func(*Value) []finding.Edit
	}{
		{"a:\n  # b: 1\nc: 1\n", "a: {}\n  # b: 1\nc: 1\n", func(v *Value) []finding.Edit { return v.Field("a").Empty() }},
		{"a: ~ # none\r\n", "a: {} # none\r\n", func(v *Value) []finding.Edit { return v.Field("a").Empty() }},
		{"a: &x\nb: *x\n", "", func(v *Value) []finding.Edit { return v.Field("a").Empty() }},
		{"# head\na:\n  # of b\n  b: |\n    x\n\n    y\n# low\n  c: {d: 1,\n    e: 2}\n\nf: 1\n", "# head\n# of b\nb: |\n  x\n\n  y\n# low\nc: {d: 1,\n  e: 2}\n\nf: 1\n", func(v *Value) []finding.Edit { return v.Field("a").Unwrap() }},
		{"a:\n  b: 1\nb: 2\n", "", func(v *Value) []finding.Edit { return v.Field("a").Unwrap() }},
		{"a: # note\n  b: 1\n", "", func(v *Value) []finding.Edit { return v.Field("a").Unwrap() }},
		{"a:\n  b: \"x\n y\"\n", "", func(v *Value) []finding.Edit { return v.Field("a").Unwrap() }},
		{"a:\n- name: x # one\n", "a:\n- x # one\n", func(v *Value) []finding.Edit { return item(v).Single("name") }},
		{"a: [{name: 'x'}, y]\n", "a: ['x', y]\n", func(v *Value) []finding.Edit { return item(v).Single("name") }},
		{"a:\n- name: x\n  b: 1\n", "", func(v *Value) []finding.Edit { return item(v).Single("name") }},
		{"a: [x, y]\n", "a: [{name: x}, y]\n", func(v *Value) []finding.Edit { return item(v).Named("name") }},
		{"a:\n- 'x' # one\n", "a:\n- name: 'x' # one\n", func(v *Value) []finding.Edit { return item(v).Named("name") }},
		{"# head\n\nb: 1\n", "# head\n\na: x\nb: 1\n", func(v *Value) []finding.Edit { return v.Above("a", "x") }},
		{"{b: 1}\n", "", func(v *Value) []finding.Edit { return v.Above("a", "x") }},
		{"b: 1\n", "", func(v *Value) []finding.Edit { return v.Above("b", "x") }},
		{"a:\n- x # one\n  # two\nb: 1\n", "a: []\nb: 1\n", func(v *Value) []finding.Edit { return item(v).Remove(nil) }},
		{"a: [x, 'y', z]\n", "a: ['y', z]\n", func(v *Value) []finding.Edit { return item(v).Remove(nil) }},
		{"a: [x]\n", "a: []\n", func(v *Value) []finding.Edit { return item(v).Remove(nil) }},
		{"a: [x, # no\n  y]\n", "", func(v *Value) []finding.Edit { return item(v).Remove(nil) }},
		{"a: {b: ~}\n", "a: {b: {}}\n", func(v *Value) []finding.Edit { return field("a", "b")(v).Empty() }},
	} {
		root := Parse("f", []byte(c.text))[0].Root
		if got := edited(t, c.text, c.edit(root)); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}
