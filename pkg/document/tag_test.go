package document

import "testing"

// TestTags reads values as Helm and istioctl do when a tag says what they are.
func TestTags(t *testing.T) {
	for _, test := range []struct {
		text string
		kind Kind
		want string
	}{
		{"a: ! yes\n", String, "yes"},
		{"a: ! 5\n", String, "5"},
		{"a: &x ! true\n", String, "true"},
		{"a: ! &x true\n", String, "true"},
		{"a: [! 1, 2]\n", List, ""},
		{"a: !custom 5\n", String, "5"},
		{"a: !!str 5\n", String, "5"},
		{"a: !!int \"5\"\n", Int, "5"},
		{"a: yes # ! no\n", Bool, "yes"},
		{"a: \"! x\"\n", String, "! x"},
		{"a: !!binary aGVsbG8=\n", String, "hello"},
		{"a: !!binary |\n  aGVs\n  bG8=\n", String, "hello"},
	} {
		docs := Parse("f", []byte(test.text))
		if len(docs) != 1 || len(docs[0].Problems) > 0 {
			t.Errorf("%q: %v", test.text, docs)
			continue
		}
		a := docs[0].Root.Field("a")
		if a.Kind != test.kind || a.Text != test.want {
			t.Errorf("%q is the %s %q, want the %s %q", test.text, a.Kind, a.Text, test.kind, test.want)
		}
		if a.Kind == List && (a.Items()[0].Kind != String || a.Items()[1].Kind != Int) {
			t.Errorf("%q: the tag is of the first item alone", test.text)
		}
	}
	if docs := Parse("f", []byte("a: !!binary \"@@\"\n")); len(docs[0].Problems) != 1 {
		t.Errorf("bad base64: %v", docs[0].Problems)
	}
}
