package document

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRaw wants ParseRaws to read what Parse reads, or to refuse it.
func FuzzRaw(f *testing.F) {
	for _, text := range []string{
		"a: 1\nb: [x, 'y', 0x10, 1e3, yes, null, ~, .inf]\nc:\n  d: \"q\\\"\"\n",
		"on: 1\n", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "a: !!str 1\n", "<<: {a: 1}\n", "- 1\n", "a: 1\n---\nb: 2\n", "a: {{ x }}\n",
		"# meshctl:ignore VS001 -- x\na: 1\n", "a: 12345678901234567890\n", "a: 08\n", "a: 1_000\n", "a: |\n  text\n", "a: 2020-01-01\n", "~: 1\n", "a: é\n", "a: 0o7\n",
		"a: 1\n---\nb: 2\n---\n# nothing\n---\nc: [\n---\nd: 4\n", "a: 1\n...\nb: 2\n", "a: |\n  x\n---\nb: &x 1\n---\nc: *x\n", "--- {a: 1}\n--- {b: 2}\n",
		"a: 'x\n---\nb: 2\n", "%YAML 1.2\n---\na: 1\n---\nb: 2\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := Split([]byte(text))
		for i, raw := range ParseRaws(parts) {
			if !raw.IsZero() {
				asParsed(t, raw, parts[i])
			}
		}
	})
}

// asParsed compares what was read with what Parse makes of the part.
func asParsed(t *testing.T, raw Raw, part Part) {
	t.Helper()
	docs := ParsePart("f", part)
	if len(docs) != 1 || docs[0].Root == nil || len(docs[0].Problems) > 0 {
		t.Fatalf("read, but Parse has %+v", docs)
	}
	want, err := docs[0].Root.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(raw.AppendJSON(nil), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Fatalf("Parse (-) and ParseRaws (+) differ:\n%s", diff)
	}
}
