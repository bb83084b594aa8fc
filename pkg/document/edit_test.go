package document

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/fix"
)

// edited applies edits to a text; "" stands for no edit.
func edited(t *testing.T, text string, edits []finding.Edit) string {
	t.Helper()
	if edits == nil {
		return ""
	}
	out, err := fix.Apply([]byte(text), edits)
	if err != nil {
		t.Fatalf("%v in %q: %+v", err, text, edits)
	}
	return string(out)
}

// traps are texts in which the end of a value is hard to find.
var traps = []string{
	"a: 1\nb: 2\nc: 3\n",
	"a: 1\r\nb: # note\r\n  c: x\r\n  # last\r\nd: 'y'\r\n",
	"\xef\xbb\xbfa: ü\nb: \"ä\\n\\\"\"\n",
	"a:\n  b: |\n    # text\n    x\n\n  c: >-\n    y\n     z\n  d: 1",
	"a:\n  b: |+\n    x\n\n\n  c: 1\n",
	"a:\n  b: |2\n      x\n    y\n  c: 1\n",
	"a:\n- b: 1\n  c: 2\n# note\n- d: 3\n- |\n  x\n- - e: 1\n    f: 2\ng: 1\n",
	"a: {b: 1, c: 'x, y', d: [e, {f: g}], h: \"i}\"}\nj: {k: 1}\nl: {}\nm: []\n",
	"a: {\n  b: 1,\n  c: it's # note\n}\nd: [\n  1,\n  2,\n]\n",
	"a: word\n  goes on\n\n  here # end\nb: \"x\n  y\\\n  z\"\nc: 'it''s\n  so'\nd: 1\n",
	"a: &x\n  b: 1\nc: *x\nd: &y 1\ne: *y\nf:\n  <<: *x\n  g: 2\n",
	"a: !!str 1\nb: !!map\n  c: 1\nd: !custom {e: 1}\nf: !!str\ng: 1\n",
	"\"a b\": 1\n'c''d': 2\n\"e\\\"f\":\n  g: 1\non: 1\n12: 2\n~: 1\n",
	"a:\nb: ~\nc:\n  d:\n  e: null\nf:\n  - \n  - 1\n",
	"# head\na: 1\n\n# of b\n# and b\nb: 2 # behind\n\n# c\n\nc:\n  # of d\n  d: 1\n",
	"a:\n    b:\n          c: 1\n          # x\n    # y\n# z\nd: 1\n",
	"a: http://x:80/y#z\nb: x:y\nc: -1\nd: - \n",
	"a:\t1\t# tab\nb:\t\t'x'\t\nc: d\t\n",
	"---\na: 1\n...\n---\n# c\nb:\n  c: 2\n",
	"{a: 1, \"b\":2, c: , d: {e: [f: 1, g]}}\n",
	"- a: 1\n  b:\n  - c: 1\n-\n  d: 1\n",
	"a:\n  b: 1\nc: 2",
	"a:\n\n  b: 1\n\n\n  c: 2\n\n\nd: 3\n",
	"? a\n: 1\n? b\n: c: 1\n",
	"a: [b, c: 1, {d: 1}]\n",
	"a: |\n  x\nb: 1",
	"a:\n- b:\n    c: 1\n- d:\n  - e\n",
	"a:\n  b: |\n    x\n  c: 1\nd: 2",
}

// corpus is every text that edits are tried on.
func corpus(t testing.TB) []string {
	t.Helper()
	texts := append(append([]string{}, traps...), seeds...)
	// Installation files: of meshes no value is edited.
	files, err := filepath.Glob("../../testdata/rules/*/*/[iv]*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(data))
	}
	return texts
}

// TestEditsChangeOneValue tries every edit on every value of many files: the
// result must parse, and must differ in that value only.
func TestEditsChangeOneValue(t *testing.T) {
	counts := map[string]int{}
	for i, text := range corpus(t) {
		thin := 1
		if i >= len(traps)+len(seeds) {
			thin = 7 // fixtures are many and much alike
		}
		tryAll(t, text, thin, counts)
	}
	t.Logf("edits made and declined: %v", counts)
	for _, what := range []string{"rename", "replace", "remove", "insert", "move", "named", "above", "single", "unwrap", "empty"} {
		if least := map[string]int{"single": 10, "named": 20, "above": 30, "empty": 10}[what]; counts[what] < cmp.Or(least, 100) {
			t.Errorf("only %d of %s", counts[what], what)
		}
	}
}

// tryAll tries every edit on every thin-th value of a text.
func tryAll(t *testing.T, text string, thin int, counts map[string]int) {
	t.Helper()
	docs := Parse("f", []byte(text))
	for i, d := range docs {
		if d.Root == nil || len(d.Problems) > 0 {
			continue
		}
		n := 0
		every(d.Root, func(v *Value) {
			if n++; n%thin == 0 {
				tryOne(t, text, docs, i, v, counts)
			}
		})
	}
}

// every visits a value and all below it.
func every(v *Value, visit func(*Value)) {
	visit(v)
	for _, f := range v.fields {
		every(f, visit)
	}
}

func tryOne(t *testing.T, text string, docs []*Document, doc int, v *Value, counts map[string]int) {
	t.Helper()
	root := docs[doc].Root
	try := func(what string, edits []finding.Edit, expect func(tree) any) {
		if edits == nil {
			counts["no "+what]++
			return
		}
		counts[what]++
		after := edited(t, text, edits)
		now := Parse("f", []byte(after))
		if len(now) != len(docs) || now[doc].Root == nil {
			t.Errorf("%s %s: %q became %q, which has %d documents: %+v", what, v.Path(), text, after, len(now), now)
			return
		}
		want, err := json.Marshal(expect(tree{root, v}))
		if err != nil {
			t.Fatal(err)
		}
		if got := jsonText(t, now[doc].Root); got != string(want) || len(now[doc].Problems) > 0 {
			t.Errorf("%s %s: %q became %q: %s, want %s %+v", what, v.Path(), text, after, got, want, now[doc].Problems)
		}
		if strings.Count(text, "\r\n") == strings.Count(text, "\n") && strings.Count(after, "\r\n") != strings.Count(after, "\n") {
			t.Errorf("%s %s: %q became %q: mixed line ends", what, v.Path(), text, after)
		}
	}
	if v.parent != nil && v.parent.Kind == Map {
		try("rename", v.Rename("newName"), func(x tree) any { return x.with("newName", v.Any()) })
		try("rename", v.Rename("a: 'b' \"c\" "), func(x tree) any { return x.with("a: 'b' \"c\" ", v.Any()) })
		try("remove", v.Remove(nil), func(x tree) any { return x.pruned(nil) })
		try("remove", v.Remove(v.parent), func(x tree) any { return x.pruned(v.parent) })
		for _, base := range []*Value{root, v.parent, v.parent.parent} {
			try("move", v.Move(nil, base, "moved"), func(x tree) any { return x.moved(nil, base, "moved") })
			try("move", v.Move(v.parent, base, "n", "m", "o p"), func(x tree) any { return x.moved(v.parent, base, "n", "m", "o p") })
			for _, f := range base.Fields() {
				try("move", v.Move(nil, f, "moved", "into"), func(x tree) any { return x.moved(nil, f, "moved", "into") })
			}
		}
	}
	if v.parent != nil && v.parent.Kind == List {
		try("remove", v.Remove(nil), func(x tree) any { return x.without() })
	}
	try("replace", v.Replace("it's \"new\": x", String), func(x tree) any { return x.with(v.name, "it's \"new\": x") })
	try("replace", v.Replace("true", Bool), func(x tree) any { return x.with(v.name, true) })
	try("replace", v.Replace("1.20", String), func(x tree) any { return x.with(v.name, "1.20") })
	try("insert", v.Insert("1", String, "new", "deep"), func(x tree) any { return x.inserted("1", "new", "deep") })
	try("insert", v.Insert("on", Bool, "new"), func(x tree) any { return x.inserted(true, "new") })
	tryWraps(v, try)
}

// tree makes the plain values that are expected after an edit of v.
type tree struct{ root, v *Value }

// build returns the plain values of the tree, with each value as change wants.
func (x tree) build(at *Value, change func(*Value) (any, bool)) any {
	if out, ok := change(at); ok {
		return out
	}
	switch at.Kind {
	case Map:
		out := map[string]any{}
		for _, f := range at.fields {
			out[f.name] = x.build(f, change)
		}
		return out
	case List:
		out := []any{}
		for _, f := range at.fields {
			out = append(out, x.build(f, change))
		}
		return out
	}
	return at.Any()
}

// with puts another value, or the same under another name, in v's place.
func (x tree) with(name string, value any) any {
	return x.build(x.root, func(at *Value) (any, bool) {
		if x.v.parent == nil || x.v.parent.Kind == List {
			return value, at == x.v
		}
		if at != x.v.parent {
			return nil, false
		}
		out := at.Any().(map[string]any)
		delete(out, x.v.name)
		out[name] = value
		return out, true
	})
}

// without is the tree without the item v of a list.
func (x tree) without() any {
	return x.build(x.root, func(at *Value) (any, bool) {
		if at != x.v.parent {
			return nil, false
		}
		out := []any{}
		for _, f := range at.fields {
			if f != x.v {
				out = append(out, f.Any())
			}
		}
		return out, true
	})
}

func (x tree) inserted(value any, path ...string) any {
	return x.build(x.root, func(at *Value) (any, bool) {
		if at != x.v {
			return nil, false
		}
		out := at.Any()
		put(out, value, path...)
		return out, true
	})
}

func put(into, value any, path ...string) {
	m := into.(map[string]any)
	for _, name := range path[:len(path)-1] {
		if m[name] == nil {
			m[name] = map[string]any{}
		}
		m = m[name].(map[string]any)
	}
	m[path[len(path)-1]] = value
}

// pruned is the tree without v and the maps that go with it.
func (x tree) pruned(keep *Value) any {
	gone := x.gone(keep, nil)
	return x.build(x.root, func(at *Value) (any, bool) {
		if at != gone.parent {
			return nil, false
		}
		out := at.Any().(map[string]any)
		delete(out, gone.name)
		return out, true
	})
}

// gone is what goes with v: the maps above it that it leaves empty, as far as
// no comment and nothing to be kept stands in the way.
func (x tree) gone(keep, filled *Value) *Value {
	v := x.v
	for len(v.parent.fields) == 1 && !v.parent.flow() && v.parent != filled {
		whole := v.alone(keep, filled)
		if whole == nil {
			break
		}
		v = whole
	}
	return v
}

func (x tree) moved(keep, base *Value, path ...string) any {
	filled := base
	for filled.Field(path[0]) != nil {
		filled, path = filled.Field(path[0]), path[1:]
	}
	gone := x.gone(keep, filled)
	return x.build(x.root, func(at *Value) (any, bool) {
		if at != filled && at != gone.parent {
			return nil, false
		}
		out := map[string]any{}
		for _, f := range at.fields {
			if f != gone {
				out[f.name] = tree{x.root, x.v}.build(f, func(b *Value) (any, bool) {
					if b != filled && b != gone.parent {
						return nil, false
					}
					inner := b.Any().(map[string]any)
					x.finish(b, inner, gone, filled, path)
					return inner, true
				})
			}
		}
		x.finish(at, out, gone, filled, path)
		return out, true
	})
}

func (x tree) finish(at *Value, out map[string]any, gone, filled *Value, path []string) {
	if at == gone.parent {
		delete(out, gone.name)
	}
	if at == filled {
		put(out, x.v.Any(), path...)
	}
}
