package files

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/document"
)

// FuzzMerge wants that two files merge to what istioctl's own merge makes of
// them, that every value keeps a place in one of the two, and that neither
// input changes.
func FuzzMerge(f *testing.F) {
	for _, pair := range [][2]string{
		{"a: 1\nb: {c: x}\n", "b: {d: y}\n"},
		{"a: {b: 1}\n", "a: null\n"},
		{"a: [1, 2]\n", "a: [3]\n"},
		{"a: text\n", "a: {b: {c: d}}\n"},
		{"x: &x {a: 1}\ny: {<<: *x, b: 2}\n", "y: {a: 3}\n"},
		{"on: 1\n0x10: y\n", "true: 2\n16: z\n"},
		{"{}\n", "spec:\n  values:\n    global: {tag: 1.20}\n"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		base, over := root("base", first), root("over", second)
		if base == nil || over == nil {
			return
		}
		before := [2]string{text(t, base), text(t, over)}
		merged := document.Merge(base, over)
		want := plainMap(t, base)
		want.MergeFrom(plainMap(t, over))
		if diff := cmp.Diff(reread(t, want.JSON()), reread(t, text(t, merged))); diff != "" {
			t.Errorf("istioctl (-) and meshctl (+) differ:\n%s", diff)
		}
		placed(t, merged)
		if after := [2]string{text(t, base), text(t, over)}; after != before {
			t.Errorf("an input changed from %v to %v", before, after)
		}
	})
}

// root is the map that a text holds, nil for any other text.
func root(file, text string) *document.Value {
	docs := document.Parse(file, []byte(text))
	if len(docs) != 1 || len(docs[0].Problems) > 0 || docs[0].Root == nil || docs[0].Root.Kind != document.Map {
		return nil
	}
	return docs[0].Root
}

func text(t *testing.T, v *document.Value) string {
	t.Helper()
	data, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func plainMap(t *testing.T, v *document.Value) values.Map {
	t.Helper()
	m, ok := reread(t, text(t, v)).(map[string]any)
	if !ok {
		t.Fatalf("%s is no map", text(t, v))
	}
	return m
}

func reread(t *testing.T, data string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(data), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func placed(t *testing.T, v *document.Value) {
	t.Helper()
	if at := v.Location(); at.File != "base" && at.File != "over" || at.Line < 1 || at.Column < 1 {
		t.Errorf("%s stands at %+v", v.Path(), at)
	}
	for _, f := range append(v.Fields(), v.Items()...) {
		placed(t, f)
	}
}
