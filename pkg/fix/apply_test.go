package fix

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
)

func edit(l1, c1, l2, c2 int, text string) finding.Edit {
	return finding.Edit{File: "f", Start: finding.Position{Line: l1, Column: c1}, End: finding.Position{Line: l2, Column: c2}, Text: text}
}

func TestApply(t *testing.T) {
	for _, c := range []struct {
		text  string
		edits []finding.Edit
		want  string // "" for an error
	}{
		{"ab\ncd\n", []finding.Edit{edit(2, 1, 2, 2, "x"), edit(1, 2, 1, 3, "")}, "a\nxd\n"},
		{"\xef\xbb\xbfüa\r\nb", []finding.Edit{edit(1, 2, 1, 3, "ä"), edit(2, 2, 2, 2, "c")}, "\xef\xbb\xbfüä\r\nbc"},
		{"ab\n", []finding.Edit{edit(1, 1, 1, 3, "x"), edit(1, 2, 1, 2, "y")}, ""},
		{"ab\n", []finding.Edit{edit(1, 4, 1, 4, "x")}, ""},
		{"ab\n", []finding.Edit{edit(3, 1, 3, 1, "x")}, ""},
		{"ab\n", []finding.Edit{edit(2, 1, 2, 1, "x\n"), edit(1, 1, 2, 1, "")}, "x\n"},
	} {
		got, err := Apply([]byte(c.text), c.edits)
		if string(got) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%q: got %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}
