package document

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/finding"
)

// seeds are the inputs that fuzzing starts from: every trap that the parser
// is known to have.
var seeds = []string{
	"", "# only a comment\n", "a: 1\nb:\n- x\n- {c: d}\n", "a: |\n  text\n  {{ x }}\nb: >-\n  more\n",
	"a: &x [1, 2]\nb: *x\n", "a: &a {<<: *a}\n", "a: &x\n  b: *x\n", "? [complex]\n: 1\n", "a: {{ .Values.a }}\n", "{{- if x }}\na: 1\n{{- end }}\n",
	"a: 1\na: 2\n", "---\na: 1\n---\n- b\n---\n", "\xef\xbb\xbfa: ü\r\nb: \"ä\\n\"\r\n", "a:\n\tb: 1\n", "\xff\xfea\x00", "a: 'x\n", "a: [", "a: *none\n",
	"a: .inf\nb: 0x10\nc: 1_000\nd: 0o7\ne: 1e400\nf: -.inf\ng: .nan\n", "a: !!binary aGk=\nb: !!float 1\nc: !custom x\n", "<<: 1\n", "<<: [*x]\n", "~: 1\n1: 2\ntrue: 3\n",
	"a: 1\n...\n%YAML 1.1\n---\nb: 2\n", "# c\n%TAG ! x:\n---\na: 1\n", "...\n", "a: 1\n... x\n", "a: 1\r---\rb: 1", "a: \"x\\\n  y\"\nb: c\n  d\n", "\xef\xbb\xbf--- {a: 1}\r\n---\r\nb: !!str yes\n",
	"? \n: x\n", "12345678901234567890: 12345678901234567890\n", "a: !!int x\n", "null: 1\non: 2\n1.5: 3\n", "{a: 1}\nb: 2\n", "a: 1\n\xef\xbb\xbf---\nb: 2\n",
	"a: 2001-01-01\nb: yes\nc: on\nd: 12:30:45\n", "%YAML 1.1\n---\na: 1\n...\n", "a: \"\\ud800\"\n", "- - - -\n",
}

// exotic says that a text has line breaks that YAML knows and editors do not
// count as such; lines are not compared then.
func exotic(data []byte) bool {
	return strings.ContainsAny(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r\u0085\u2028\u2029")
}

// FuzzParse wants that no text makes the parser panic, that every place lies
// inside the text, and that what was read can be encoded.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Split(strings.TrimPrefix(string(data), "\xef\xbb\xbf"), "\n")
		if exotic(data) {
			lines = nil
		}
		for _, d := range Parse("f", data) {
			for _, p := range d.Problems {
				inside(t, lines, p.At, p.Message)
			}
			if d.Root == nil {
				continue
			}
			check(t, lines, d.Root)
			if _, err := json.Marshal(d.Root.Any()); err != nil {
				t.Errorf("encoding: %v", err)
			}
			same := Overlay(d.Root, jsonOf(t, d.Root), finding.Location{File: "overlay"})
			if got, want := jsonText(t, same), jsonText(t, d.Root); got != want {
				t.Errorf("an overlay of itself gives %s, want %s", got, want)
			}
		}
	})
}

func check(t *testing.T, lines []string, v *Value) {
	inside(t, lines, v.Location(), v.Path())
	inside(t, lines, v.KeyLocation(), v.Path())
	for _, c := range append(v.Fields(), v.Items()...) {
		check(t, lines, c)
	}
}

func inside(t *testing.T, lines []string, at finding.Location, what string) {
	t.Helper()
	if lines == nil {
		return
	}
	if at.Line < 1 || at.Line > len(lines) {
		t.Fatalf("%s: line %d of %d", what, at.Line, len(lines))
	}
	if longest := utf8.RuneCountInString(lines[at.Line-1]) + 1; at.Column < 1 || at.Column > longest {
		t.Fatalf("%s: column %d of %d in line %d", what, at.Column, longest, at.Line)
	} else if at.EndLine == at.Line && at.EndColumn > longest {
		t.Fatalf("%s: end column %d of %d in line %d", what, at.EndColumn, longest, at.Line)
	}
}

func jsonText(t *testing.T, v *Value) string {
	t.Helper()
	out, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func jsonOf(t *testing.T, v *Value) any {
	t.Helper()
	var out any
	dec := json.NewDecoder(strings.NewReader(jsonText(t, v)))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func parse(t *testing.T, text string) *Value {
	t.Helper()
	docs := Parse("f.yaml", []byte(text))
	if len(docs) != 1 || docs[0].Root == nil || len(docs[0].Problems) > 0 {
		t.Fatalf("%q: %+v", text, docs)
	}
	return docs[0].Root
}

func TestMergeKeepsPlaces(t *testing.T) {
	base, over := parse(t, "a:\n  b: 1\n  c: 2\nd: 3\n"), parse(t, "a:\n  c: 4\ne: [5]\n")
	got := Merge(base, over)
	if text, want := jsonText(t, got), `{"a":{"b":1,"c":4},"d":3,"e":[5]}`; text != want {
		t.Errorf("merged %s, want %s", text, want)
	}
	for path, line := range map[string]int{"b": 2, "c": 2} {
		if at := got.At("a", path).Location(); at.Line != line || at.Path != "a."+path {
			t.Errorf("a.%s is at %+v, want line %d", path, at, line)
		}
	}
	if text, want := jsonText(t, base), `{"a":{"b":1,"c":2},"d":3}`; text != want {
		t.Errorf("the base became %s", text)
	}
}

func TestNestAndWithout(t *testing.T) {
	v := parse(t, "hub: x\ntag: z\n")
	nested := Merge(v, Nest(v.Field("hub"), "global", "hub"))
	if text, want := jsonText(t, nested), `{"global":{"hub":"x"},"hub":"x","tag":"z"}`; text != want {
		t.Errorf("nested %s, want %s", text, want)
	}
	if at := nested.At("global", "hub").Location(); at.Line != 1 || at.Column != 6 || at.Path != "global.hub" {
		t.Errorf("global.hub is at %+v", at)
	}
	if text, want := jsonText(t, v.Without("hub")), `{"tag":"z"}`; text != want {
		t.Errorf("without hub %s, want %s", text, want)
	}
}

// TestProblems pins the place of what people get wrong.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		text         string
		kind         ProblemKind
		line, column int
		message      string
	}{
		{"a:\n\tb: 1\n", Syntax, 2, 1, "tab used for indentation"},
		{"a: 1\nb:\n  c: 1\n  d: 1\n  e: {f: 1}\n  g: |\n    - [\n h: 2\ni: 3\n", Syntax, 8, 2, "did not find expected key"},
		{"a:\n- 1\n- 2\nb:\n  - 1\n  - 2\n  c: 3\nd: 4\n", Syntax, 7, 3, "did not find expected '-' indicator"},
		{"a: 1\nb: 'x' y\nc: 2\n", Syntax, 2, 1, "did not find expected key"},
		{"a: 1\nb:\n  c: 1\n d: 2\n", Syntax, 4, 2, "did not find expected key"},
		{"a: |\n  if x\n  \ty\nb: [\n", Syntax, 4, 1, "did not find expected node content"},
		{"a: *x\n", Syntax, 1, 4, "unknown anchor 'x'"},
		{"a: 1\n---\nb: {{ .x }}\n", Template, 3, 4, "{{ .x }} is a template expression"},
		{"\"b\": {{.x | default \"y\"}}\n", Template, 1, 6, "{{.x | default \"y\"}} is a template expression"},
		{"a: |\n  {{ if legal }}\nb: 'x\n", Syntax, 3, 1, "found unexpected end of stream"},
		{"a: 1\nb: 2\na: 3\n", DuplicateKey, 3, 1, `key "a" stands twice`},
		{"a: 1\n<<: foo\n", Syntax, 2, 5, "the value of << must be a map"},
		{"<<: [{a: 1}, 3]\n", Syntax, 1, 5, "the value of << must be a map"},
		{"a: &a [{b: 1}]\n<<: *a\n", Syntax, 2, 5, "the value of << must be a map"},
		{"a: 1\n...\nb: [\n", Syntax, 3, 1, "did not find expected node content"},
		{"# c\n%YAML 1.1\n---\nb: *x\n", Syntax, 4, 4, "unknown anchor 'x'"},
		{"{a: 1}\nb: 2\n", Syntax, 2, 1, "text outside of any document"},
		{"a: 1\n... b\n", Syntax, 2, 1, "text outside of any document"},
		{"...\n", Syntax, 1, 1, "did not find expected node content"},
		{"a: 1\r\n---\r\nb: *x\r\n", Syntax, 3, 4, "unknown anchor 'x'"},
		{"\xef\xbb\xbf--- {a: *x}\n", Syntax, 1, 9, "unknown anchor 'x'"},
		{"a:\n  null: 1\n", Syntax, 2, 3, "a key must be a string, and this one is null"},
		{"a: 1\n? \n: 2\n", Syntax, 2, 2, "a key must be a string, and this one is null"},
		{"12345678901234567890: 1\n", Syntax, 1, 1, "a key must be a plain string"},
		{"yes: 1\ntrue: 2\n", DuplicateKey, 2, 1, `key "true" stands twice`},
		{"a: !!int x\n", Syntax, 1, 4, `"x" is not what its tag !!int says`},
		{"a:" + strings.Repeat("\n- 1", maxNodes), TooLarge, maxNodes, 3, "the document has more than 200000 values"},
		{strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), TooLarge, 1, maxDepth + 1, "the document is nested more than 200 levels deep"},
		{"a: &a [" + strings.Repeat("1,", 1000) + "]\nb: [" + strings.Repeat("*a,", 300) + "]\n", TooLarge, 1, 1206, "expands to more than 200000 values through its aliases"},
		{"a: 1\nb: \x00\n", NotText, 1, 1, "file is binary"},
		{"a: 1\nbä: \xe9\n", NotText, 2, 5, "file is not valid UTF-8"},
	} {
		docs := Parse("f", []byte(c.text))
		last := docs[len(docs)-1]
		if len(last.Problems) != 1 {
			t.Errorf("%q: problems %+v", c.text, last.Problems)
			continue
		}
		p := last.Problems[0]
		if p.Kind != c.kind || p.At.Line != c.line || p.At.Column != c.column || !strings.Contains(p.Message, c.message) {
			t.Errorf("%q: %d:%d: %s, want %d:%d: %s", c.text, p.At.Line, p.At.Column, p.Message, c.line, c.column, c.message)
		}
	}
}

// TestLikeHelm wants scalars and keys as the decoder of Helm and istioctl
// reads them.
func TestLikeHelm(t *testing.T) {
	for _, text := range []string{
		"a: y", "a: !!str yes", "a: !custom yes", "a: !!bool yes", "a: !!bool \"true\"", "a: !!str 1.20", "a: !!int \"5\"", "a: !!float 1", "a: !!str &x on\nb: *x", "a: 'yes'",
		"1: x", "true: x", "yes: x", "on: x", "'on': x", "!!str on: x", "1.0: x", "1.5: x", "0x10: x", "1e3: x", ".inf: x", "2001-01-01: x", "123456789012345678901234567890: x",
		"a: 12345678901234567890", "a: 123456789012345678901234567890", "a: -9223372036854775808", "a: 9223372036854775807", "a: 0o17", "a: 017", "a: 0x_1", "a: +5",
		"<<: [{a: 1}, {b: 2}]", "\"<<\": foo", "x: &x {b: 1}\nz: {<<: *x, c: 2}", "{x: &k foo, *k : 3}", "%YAML 1.1\n---\na: 1", "\xef\xbb\xbf--- {a: 1}",
	} {
		want, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := jsonText(t, parse(t, text)); got != string(want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestSplit pins where documents begin and end.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text  string
		lines []int // of each document's value
	}{
		{"a: 1\n...\nb: 2\n", []int{1, 3}},
		{"a: 1\n... # end\n\nb: 2\n", []int{1, 4}},
		{"a: 1\r\n...\r\n...\r\n---\r\nb: 2\r\n", []int{1, 5}},
		{"a: |\n  ...\n  ---\nb: ...x\n", []int{1}},
		{"%YAML 1.1\n---\na: 1\n", []int{3}},
		{"# c\n%TAG ! tag:x,2000:\n# d\n\n---\na: 1\n...\n%YAML 1.1\n---\nb: 1\n", []int{6, 10}},
		{"# c\n---\n# d\n", nil},
		{"\xef\xbb\xbf%YAML 1.1\r\n---\r\na: 1\r\n---\r\nb: 1\r\n", []int{3, 5}},
		{"\xef\xbb\xbf---\na: 1\n", []int{2}},
		{"--- {a: 1}\n--- # c\nb: 1\n---\tx\n", []int{1, 3, 4}},
		{"---a: 1\n", []int{1}},
		{"a: 1\r---\rb: 2\r", []int{1, 3}},
	} {
		var lines []int
		for _, d := range Parse("f", []byte(c.text)) {
			if len(d.Problems) > 0 {
				t.Errorf("%q: %+v", c.text, d.Problems)
			}
			lines = append(lines, d.Root.Location().Line)
		}
		if !slices.Equal(lines, c.lines) {
			t.Errorf("%q: documents at %v, want %v", c.text, lines, c.lines)
		}
	}
}
