package document

import (
	"fmt"
	"strings"
	"testing"
)

// TestComments tells directives from text that only looks like one: a # in
// quotes or in a block scalar is text.
func TestComments(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string // LINE:COLUMN→COVERS of each comment
	}{
		"behind a value":           {"a: 1 # meshctl:ignore X\n", "1:6→1"},
		"above":                    {"# meshctl:ignore X\na: 1\n", "1:1→2"},
		"above a run of comments":  {"a: 1\n# meshctl:ignore X\n# more\n#\nb: 1\n", "2:1→5"},
		"above an empty line":      {"# meshctl:ignore X\n\na: 1\n", "1:1→0"},
		"at the end":               {"a: 1\n# meshctl:ignore X\n", "2:1→0"},
		"above a marker":           {"a: 1\n# meshctl:ignore X\n---\nb: 1\n", "2:1→0"},
		"on a marker":              {"--- # meshctl:ignore X\na: 1\n", "1:5→1"},
		"second document":          {"a: 1\n---\nb: 1 # meshctl:ignore X\n", "3:6→3"},
		"behind a key of a map":    {"a: # meshctl:ignore X\n  b: 1\n", "1:4→1"},
		"behind a list item":       {"a:\n  - 1 # meshctl:ignore X\n", "2:7→2"},
		"windows line ends":        {"a: 1 # meshctl:ignore X\r\n# meshctl:ignore Y\r\nb: 2\r\n", "1:6→1 2:1→3"},
		"code points":              {"größe: ü # meshctl:ignore X\n", "1:10→1"},
		"byte order mark":          {"\xef\xbb\xbfa: 1 # meshctl:ignore X\n", "1:6→1"},
		"no space before":          {"a: 1# meshctl:ignore X\n", ""},
		"double quotes":            {"a: \"x # meshctl:ignore X\" # meshctl:ignore Y\n", "1:27→1"},
		"escaped quote":            {"a: \"x \\\" # meshctl:ignore X\"\n", ""},
		"single quotes":            {"a: 'it''s # meshctl:ignore X'\n", ""},
		"quoted key":               {"\"a # meshctl:ignore X\": 1 # meshctl:ignore Y\n", "1:27→1"},
		"quote inside plain":       {"a: it's # meshctl:ignore X\nb: it's\n", "1:9→1"},
		"quoted over lines":        {"a: \"x\n  # meshctl:ignore X\n  y\" # meshctl:ignore Y\nb: 1\n", "3:6→3"},
		"quoted with a tag":        {"a: !!str &b \"x # meshctl:ignore X\"\nc: *b # meshctl:ignore Y\n", "2:7→2"},
		"literal":                  {"a: | # meshctl:ignore X\n  # meshctl:ignore Y\n  b\n# meshctl:ignore Z\nc: 1\n", "1:6→1 4:1→5"},
		"literal after a comment":  {"a: |\n  b\n\n  # meshctl:ignore X\n # meshctl:ignore Y\nc: 1\n", "5:2→6"},
		"folded in a list":         {"a:\n  - >-\n    b # meshctl:ignore X\n  - c # meshctl:ignore Y\n", "4:7→4"},
		"literal with indicator":   {"a: |2\n   b\n  # meshctl:ignore X\nc: 1\n", ""},
		"empty literal":            {"a: |\n# meshctl:ignore X\nb: 1\n", "2:1→3"},
		"literal with an anchor":   {"a: &x |\n  # meshctl:ignore X\nb: *x # meshctl:ignore Y\n", "3:7→3"},
		"literal below its header": {"a: !!str\n  |\n  # meshctl:ignore X\nb: 1\n", ""},
		"flow map":                 {"a: {b: 1, # meshctl:ignore X\n  c: '#'} # meshctl:ignore Y\n", "1:11→1 2:11→2"},
		"plain over lines":         {"a: b\n  c # meshctl:ignore X\n", "2:5→2"},
		"empty map":                {"a: {} # meshctl:ignore X\nb: # meshctl:ignore Y\n", "1:7→1 2:4→2"},
		"broken":                   {"a: b: c # meshctl:ignore X\n", "1:9→1"},
		"other comments":           {"a: 1 # meshctl is good\n", ""},
		"not at the start":         {"a: 1 # see meshctl:ignore X\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range Parse("f", []byte(tc.text)) {
				for _, c := range d.Comments {
					got = append(got, fmt.Sprintf("%d:%d→%d", c.At.Line, c.At.Column, c.Covers))
				}
			}
			if got := strings.Join(got, " "); got != tc.want {
				t.Errorf("comments %q, want %q", got, tc.want)
			}
		})
	}
}

// FuzzComments wants every comment to stand in the file where it is said to.
func FuzzComments(f *testing.F) {
	for _, text := range []string{
		"a: 1 # meshctl:ignore X\n", "a: |2-\n   # meshctl:ignore X\nb: 'x # meshctl:ignore Y' # meshctl:ignore Z\n",
		"? |\n # meshctl:x\n: \"\\\" # meshctl:y\"\r# meshctl:z\r\n--- # meshctl:a\n- - !!str &a \"# meshctl:b\n  c\"\n...\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := breakLines(strings.TrimPrefix(text, "\xef\xbb\xbf"))
		if len(lines) != strings.Count(text, "\n")+1 {
			return // the parser counts lines that editors do not see
		}
		for _, d := range Parse("f", []byte(text)) {
			for _, c := range d.Comments {
				if c.At.Line > len(lines) || !strings.HasPrefix(lines[c.At.Line-1][byteOf(lines[c.At.Line-1], c.At.Column):], "#") {
					t.Errorf("no comment at %s in %q", c.At, text)
				}
			}
		}
	})
}
