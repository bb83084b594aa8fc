package document

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Directive starts the text of a comment that is meant for meshctl. Others
// are not kept.
const Directive = "meshctl:"

// IgnoreAnnotation is where an object says what is not to be reported about it.
const IgnoreAnnotation = "meshctl.io/ignore"

// Comment is a comment that starts with Directive.
type Comment struct {
	At   finding.Location
	Text string // without the # and the space around it
	// Covers is the line that the comment is about: its own where it stands
	// behind something, else the first one below it that is no comment; 0
	// where an empty line or the end comes first.
	Covers int
}

// comments finds the directives of a part. The parser attaches comments to
// values but forgets where they stand, and loses some, so the text is looked
// through again: what the parser says about scalars tells which # is text.
func comments(p part, trees []*yaml.Node) []Comment {
	if !bytes.Contains(p.text, []byte(Directive)) {
		return nil
	}
	s := scan{lines: breakLines(string(p.text))}
	for _, t := range trees {
		s.visit(t, 0)
	}
	var out []Comment
	for i, line := range s.lines {
		at := s.hash(i, line)
		if at < 0 {
			continue
		}
		text := strings.TrimSpace(strings.TrimLeft(line[at:], "#"))
		if !strings.HasPrefix(text, Directive) {
			continue
		}
		c := Comment{Text: text, At: p.at(i+1, utf8.RuneCountInString(line[:at])+1)}
		c.At.EndLine = c.At.Line
		c.At.EndColumn = c.At.Column + utf8.RuneCountInString(strings.TrimRight(line[at:], " \t"))
		if covers := s.covers(i, at); covers > 0 {
			c.Covers = p.at(covers, 1).Line
		}
		out = append(out, c)
	}
	return out
}
