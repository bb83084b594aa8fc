package document

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// scan knows which bytes of which line belong to quoted and block scalars.
type scan struct {
	lines []string
	taken map[int][][2]int // by line, from and to
}

// breakLines cuts a text where the parser sees the end of a line.
func breakLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return strings.Split(text, "\n")
}

// visit takes the scalars below a node; indent is the column of the map or
// list around it, beyond which the content of a block scalar stands.
func (s *scan) visit(n *yaml.Node, indent int) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.block(n, indent)
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		s.quoted(n)
	case n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode:
		indent = n.Column
	}
	for _, c := range n.Content {
		s.visit(c, indent)
	}
}

// start is where a scalar's own text begins, behind its tag and its anchor.
func (s *scan) start(n *yaml.Node, first string) (line, at int) {
	line = n.Line - 1
	if line < 0 || line >= len(s.lines) {
		return -1, 0
	}
	at = byteOf(s.lines[line], n.Column)
	for line < len(s.lines) {
		rest := s.lines[line][at:]
		text := strings.TrimLeft(rest, " \t")
		at += len(rest) - len(text)
		switch {
		case text == "" || text[0] == '#':
			line, at = line+1, 0
		case text[0] == '!' || text[0] == '&':
			at += len(text) - len(strings.TrimLeftFunc(text, func(r rune) bool { return r != ' ' && r != '\t' }))
		case strings.ContainsRune(first, rune(text[0])):
			return line, at
		default:
			return -1, 0
		}
	}
	return -1, 0
}

func byteOf(line string, column int) int {
	at := 0
	for range max(column, 1) - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	return at
}

func (s *scan) take(line, from, to int) {
	if s.taken == nil {
		s.taken = map[int][][2]int{}
	}
	s.taken[line] = append(s.taken[line], [2]int{from, to})
}

// quoted takes a scalar up to its closing quote, over lines if need be.
func (s *scan) quoted(n *yaml.Node) {
	line, at := s.start(n, `"'`)
	if line < 0 {
		return
	}
	quote := s.lines[line][at]
	for from := at + 1; line < len(s.lines); line, at, from = line+1, 0, 0 {
		if end := closing(s.lines[line], from, quote); end >= 0 {
			s.take(line, at, end+1)
			return
		}
		s.take(line, at, len(s.lines[line]))
	}
}

// closing is where a quoted text ends in a line, -1 where it goes on.
func closing(line string, from int, quote byte) int {
	for i := from; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quote == '"':
			i++
		case line[i] != quote:
		case quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return -1
}

// block takes the content of a literal or folded scalar. It ends at the first
// line that is indented less than its first one.
func (s *scan) block(n *yaml.Node, least int) {
	line, _ := s.start(n, "|>")
	if line < 0 {
		return
	}
	content := -1
	for i := line + 1; i < len(s.lines); i++ {
		indent := len(s.lines[i]) - len(strings.TrimLeft(s.lines[i], " "))
		switch {
		case indent == len(s.lines[i]):
			continue
		case content < 0:
			content = max(indent, least)
			if explicit := indicator(s.lines[line]); explicit > 0 {
				content = max(least-1, 0) + explicit
			}
		}
		if indent < content {
			return
		}
		s.take(i, 0, len(s.lines[i]))
	}
}

// indicator is the number in the header of a block scalar, as in |2-.
func indicator(header string) int {
	header, _, _ = strings.Cut(header, " #")
	header = strings.TrimRight(header, " \t+-")
	if n := len(header); n > 1 && header[n-1] >= '1' && header[n-1] <= '9' && strings.ContainsRune("|>+-", rune(header[n-2])) {
		return int(header[n-1] - '0')
	}
	return 0
}

// hash is where the comment of a line begins, -1 where there is none.
func (s *scan) hash(i int, line string) int {
	for at := range len(line) {
		if line[at] != '#' || at > 0 && line[at-1] != ' ' && line[at-1] != '\t' {
			continue
		}
		if !slices.ContainsFunc(s.taken[i], func(t [2]int) bool { return t[0] <= at && at < t[1] }) {
			return at
		}
	}
	return -1
}

// covers is the number of the line that a comment is about.
func (s *scan) covers(i, at int) int {
	if strings.TrimSpace(s.lines[i][:at]) != "" {
		return i + 1
	}
	for j := i + 1; j < len(s.lines); j++ {
		switch text := strings.TrimSpace(s.lines[j]); {
		case text == "" || text == "---" || text == "...":
			return 0
		case text[0] != '#':
			return j + 1
		}
	}
	return 0
}
