package document

import (
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/finding"
)

// block remembers where the text of a | or > string stands, for the day that
// somebody wants to read it as YAML.
type block struct {
	part   part
	line   int // of the header, in the part
	folded bool
}

// Nested reads the text of a string as a YAML document of its own, as Argo CD
// does with spec.source.helm.values. Values and problems keep their places in
// the file; those in a quoted string share the string's. Of several documents
// in the string the first counts, as for Helm. It is nil for a value that is
// no string and for a string without any value.
func (v *Value) Nested() *Document {
	if v == nil || v.Kind != String {
		return nil
	}
	in := v.embedding()
	for _, p := range split([]byte(v.Text)) {
		p.file, p.in = v.place.File, in
		for _, doc := range parsePart(p) {
			if doc.Root == nil && len(doc.Problems) == 0 {
				continue
			}
			if doc.Root != nil {
				doc.Root.under = v.Path()
			}
			return doc
		}
	}
	return nil
}

// embedding says where the text of a string stands in its file.
type embedding struct {
	segments []segment
	whole    finding.Location // where the segments are not known
	// src is the text of the outer document, where that of the string is the
	// same but for its indentation, so that edits there mean the same.
	src *source
}

// segment is a run of characters of a text that stands on one line of the
// file. Lines and columns start at 1; to holds the place in the file.
type segment struct {
	line, column int
	to           finding.Location
}

// at is the place in the file of a line and a column of the text.
func (o *embedding) at(line, column int) finding.Location {
	n := sort.Search(len(o.segments), func(i int) bool {
		s := o.segments[i]
		return s.line > line || s.line == line && s.column > column
	})
	if n == 0 {
		return o.whole
	}
	s := o.segments[n-1]
	at := s.to
	if s.line == line {
		at.Column += column - s.column
	}
	return at
}

func (v *Value) embedding() *embedding {
	o := &embedding{whole: v.place}
	if v.block == nil {
		return o
	}
	lines := v.block.lines()
	if v.block.folded {
		o.segments = foldedSegments(v, lines)
	} else {
		o.segments = literalSegments(v, lines)
	}
	if o.segments != nil && !v.block.folded && !v.shared && !v.alias && !v.anchored {
		o.src = v.src
	}
	return o
}

// header matches the end of the line on which a block string begins.
var header = regexp.MustCompile(`[|>][-+0-9]*\s*(#.*)?$`)

// lines are the lines of the part below the header; none where the header is
// not where it is expected, as with an anchor on a line of its own.
func (b *block) lines() []string {
	all := strings.Split(string(b.part.text), "\n")
	if b.line > len(all) || !header.MatchString(strings.TrimRight(all[b.line-1], "\r")) {
		return nil
	}
	below := all[b.line:]
	for i := range below {
		below[i] = strings.TrimSuffix(below[i], "\r")
	}
	return below
}

// at is the place of a column of the nth line below the header.
func (b *block) at(n, column int) finding.Location { return b.part.at(b.line+1+n, column) }

// literalSegments maps a | string: line by line, with the indentation before
// each. It gives up with nil where text and file disagree.
func literalSegments(v *Value, lines []string) []segment {
	indent := -1
	var out []segment
	for n, text := range strings.Split(strings.TrimRight(v.Text, "\n"), "\n") {
		if n >= len(lines) || !strings.HasSuffix(lines[n], text) {
			return nil
		}
		if before := lines[n][:len(lines[n])-len(text)]; text != "" {
			if strings.Trim(before, " ") != "" || indent >= 0 && indent != len(before) {
				return nil
			}
			indent = len(before)
		}
		out = append(out, segment{n + 1, 1, v.block.at(n, max(indent, 0)+1)})
	}
	return out
}

// foldedSegments maps a > string, where line ends became spaces: each line of
// the file must be found in the text, in the order of the file.
func foldedSegments(v *Value, lines []string) []segment {
	var out []segment
	f := folded{text: strings.TrimRight(v.Text, "\n"), line: 1, column: 1}
	for n, l := range lines {
		words := strings.TrimLeft(l, " ")
		if words == "" {
			continue
		}
		if f.text == "" {
			break
		}
		spaces := f.reach(words)
		if spaces < 0 {
			return nil
		}
		out = append(out, segment{f.line, f.column, v.block.at(n, len(l)-len(words)+1)})
		f.advance(len(words))
	}
	if f.text != "" {
		return nil
	}
	return out
}

// folded is what is left of a text, and the place where that begins.
type folded struct {
	text         string
	line, column int
}

// reach skips the white space before some words; -1 where they do not follow.
func (f *folded) reach(words string) int {
	n := len(f.text) - len(strings.TrimLeft(f.text, " \n"))
	if !strings.HasPrefix(f.text[n:], words) {
		return -1
	}
	f.advance(n)
	return n
}

func (f *folded) advance(n int) {
	done := f.text[:n]
	if nl := strings.LastIndex(done, "\n"); nl >= 0 {
		f.line, f.column = f.line+strings.Count(done, "\n"), 1
		done = done[nl+1:]
	}
	f.column += utf8.RuneCountInString(done)
	f.text = f.text[n:]
}
