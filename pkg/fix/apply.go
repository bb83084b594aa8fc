// Package fix changes files as the fixes of findings say, and nothing else
// of them.
package fix

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/finding"
)

// errOverlap says that two edits want to change the same text.
var errOverlap = errors.New("edits overlap")

// bom is the byte order mark, which places do not count.
var bom = []byte("\xef\xbb\xbf")

// Apply makes the edits of one file. They may come in any order, but must not
// overlap; a place that the text does not have is an error.
func Apply(text []byte, edits []finding.Edit) ([]byte, error) {
	ranges, err := locate(text, edits)
	if err != nil {
		return nil, err
	}
	var out []byte
	pos := 0
	for _, r := range ranges {
		out = append(append(out, text[pos:r.start]...), r.text...)
		pos = r.end
	}
	return append(out, text[pos:]...), nil
}

// span is an edit by offsets.
type span struct {
	start, end int
	text       string
}

// locate turns the places of edits into offsets, in the order of the text.
func locate(text []byte, edits []finding.Edit) ([]span, error) {
	starts := lineStarts(text)
	var out []span
	for _, e := range edits {
		start, end := offset(text, starts, e.Start), offset(text, starts, e.End)
		if start < 0 || end < start {
			return nil, fmt.Errorf("%s has no text from %d:%d to %d:%d", e.File, e.Start.Line, e.Start.Column, e.End.Line, e.End.Column)
		}
		out = append(out, span{start, end, e.Text})
	}
	slices.SortStableFunc(out, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	for i := 1; i < len(out); i++ {
		if out[i].start < out[i-1].end {
			return nil, errOverlap
		}
	}
	return out, nil
}

func lineStarts(text []byte) []int {
	starts := []int{0}
	if bytes.HasPrefix(text, bom) {
		starts[0] = len(bom)
	}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// offset is where a place is in the text; -1 if there is no such place.
func offset(text []byte, starts []int, at finding.Position) int {
	if at.Line < 1 || at.Line > len(starts) || at.Column < 1 {
		return -1
	}
	pos := starts[at.Line-1]
	for range at.Column - 1 {
		if pos >= len(text) || text[pos] == '\n' {
			return -1
		}
		_, size := utf8.DecodeRune(text[pos:])
		pos += size
	}
	return pos
}
