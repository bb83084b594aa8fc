package document

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/finding"
)

// source is the text of one document, kept so that edits can be computed for
// it. The index of its lines is made when the first edit is asked for.
type source struct {
	file   string
	text   []byte
	offset int // lines of the file above the text

	once   sync.Once
	starts []int // where each line starts
	exotic bool
}

// index finds the lines. Text with line breaks that YAML knows and editors do
// not count as such gets no edits, since its lines cannot be told apart.
func (s *source) index() {
	s.once.Do(func() {
		s.starts = []int{0}
		for i, c := range s.text {
			if c == '\n' {
				s.starts = append(s.starts, i+1)
			}
			if c == '\r' && (i+1 == len(s.text) || s.text[i+1] != '\n') {
				s.exotic = true
			}
		}
		s.exotic = s.exotic || bytes.ContainsAny(s.text, "\u0085\u2028\u2029\ufeff")
	})
}

// find turns a place into an offset; -1 where the text has no such place.
func (s *source) find(at finding.Location) int {
	s.index()
	line := at.Line - s.offset - 1
	if s.exotic || line < 0 || line >= len(s.starts) {
		return -1
	}
	pos := s.starts[line]
	for range at.Column - 1 {
		if pos >= len(s.text) || s.text[pos] == '\n' {
			return -1
		}
		_, size := utf8.DecodeRune(s.text[pos:])
		pos += size
	}
	return pos
}

// position turns an offset into a place of the file.
func (s *source) position(pos int) finding.Position {
	line := bytes.Count(s.text[:pos], []byte("\n"))
	return finding.Position{
		Line:   line + s.offset + 1,
		Column: utf8.RuneCount(s.text[s.starts[line]:pos]) + 1,
	}
}

// change replaces a range of a source's text.
type change struct {
	span
	text string
}

// edits turns changes into edits of the file.
func (s *source) edits(changes ...change) []finding.Edit {
	var out []finding.Edit
	for _, c := range changes {
		out = append(out, finding.Edit{File: s.file, Start: s.position(c.start), End: s.position(c.end), Text: c.text})
	}
	return out
}

// lineStart is where the line of an offset starts.
func (s *source) lineStart(pos int) int { return bytes.LastIndexByte(s.text[:pos], '\n') + 1 }

// lineEnd is where the line of an offset ends, before its line break.
func (s *source) lineEnd(pos int) int {
	end := s.nextLine(pos)
	if end > pos && s.text[end-1] == '\n' {
		end--
		if end > pos && s.text[end-1] == '\r' {
			end--
		}
	}
	return end
}

// nextLine is where the line after that of an offset starts, or the end.
func (s *source) nextLine(pos int) int {
	if nl := bytes.IndexByte(s.text[pos:], '\n'); nl >= 0 {
		return pos + nl + 1
	}
	return len(s.text)
}

// lineBreak is the line break that the text uses.
func (s *source) lineBreak() string {
	if nl := bytes.IndexByte(s.text, '\n'); nl > 0 && s.text[nl-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// line is the text of the line that starts at an offset.
func (s *source) line(start int) string { return string(s.text[start:s.lineEnd(start)]) }

// restIsComment says that nothing but a comment follows on a line.
func (s *source) restIsComment(pos int) bool {
	rest := string(s.text[pos:s.lineEnd(pos)])
	trimmed := strings.TrimLeft(rest, " \t")
	return trimmed == "" || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// indentOf is the number of spaces that a line starts with.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// commentLine says that a line holds only a comment.
func commentLine(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") }
