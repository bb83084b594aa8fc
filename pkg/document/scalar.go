package document

import (
	"strconv"
	"strings"
)

// scalarEnd is the end of a scalar whose properties end at props and whose
// text starts at content; -1 where it is not certain.
func (s *source) scalarEnd(v *Value, props, content int) int {
	if v.Style == Plain && v.Text == "" {
		return props
	}
	if content >= len(s.text) {
		return -1
	}
	switch c := s.text[content]; {
	case v.Style == Plain:
		return s.plainEnd(v.Text, content)
	case v.Style == Block && (c == '|' || c == '>'):
		return s.blockEnd(v, content)
	case v.Style == Quoted && c == '"':
		return s.doubleEnd(content)
	case v.Style == Quoted && c == '\'':
		return s.singleEnd(content)
	}
	return -1
}

// plainEnd follows a scalar without quotes by its text, in which a line break
// of the file is a space and an empty line a line break.
func (s *source) plainEnd(text string, pos int) int {
	for len(text) > 0 {
		if pos >= len(s.text) {
			return -1
		}
		if next, breaks := s.fold(pos); breaks > 0 {
			want := " "
			if breaks > 1 {
				want = strings.Repeat("\n", breaks-1)
			}
			rest, ok := strings.CutPrefix(text, want)
			if !ok {
				return -1
			}
			text, pos = rest, next
			continue
		}
		if s.text[pos] != text[0] {
			return -1
		}
		text, pos = text[1:], pos+1
	}
	return pos
}

// fold steps over blanks and line breaks, and counts the latter.
func (s *source) fold(pos int) (next, breaks int) {
	for ; pos < len(s.text); pos++ {
		switch c := s.text[pos]; {
		case c == '\n':
			breaks++
		case !blank(c) && c != '\r':
			return pos, breaks
		}
	}
	return pos, breaks
}

// blockEnd is the end of a | or > scalar: that of its last line with content,
// or of its last empty line where it keeps those.
func (s *source) blockEnd(v *Value, header int) int {
	outer := s.outerIndent(v)
	if outer < -1 {
		return -1
	}
	end, keep, indent := s.lineEnd(header), false, 0
	indicators, _, _ := strings.Cut(string(s.text[header+1:end]), "#")
	for _, c := range strings.TrimSpace(indicators) {
		switch {
		case c == '+':
			keep = true
		case c >= '1' && c <= '9':
			indent = max(outer, 0) + int(c-'0')
		case c != '-':
			return -1
		}
	}
	for pos := s.nextLine(header); pos < len(s.text); pos = s.nextLine(pos) {
		line := s.line(pos)
		spaces := indentOf(line)
		empty := spaces == len(line) && (indent == 0 || spaces <= indent)
		switch {
		case empty && keep:
			end = s.lineEnd(pos)
		case empty:
		case indent == 0 && spaces > outer:
			indent = spaces
			fallthrough
		case indent > 0 && spaces >= indent:
			end = s.lineEnd(pos)
		default:
			return end
		}
	}
	return end
}

// outerIndent is the indentation of the map or list that holds a value, -1
// for a root; -2 where it is not certain.
func (s *source) outerIndent(v *Value) int {
	if v.parent == nil {
		return -1
	}
	if v.parent.Kind == Map {
		return v.key.Column - 1
	}
	pos := s.find(v.place) - 1
	for pos >= 0 && blank(s.text[pos]) {
		pos--
	}
	if pos < 0 || s.text[pos] != '-' {
		return -2
	}
	return pos - s.lineStart(pos)
}

// scalarText writes a text so that it is read as a kind again; quote is the
// quote to be used where one is needed, or was there: 0, ' or ". It is false
// where no plain text is of that kind.
func scalarText(text string, kind Kind, quote byte, flow bool) (string, bool) {
	if kind != String {
		return text, plainKind(text) == kind
	}
	switch {
	case quote == 0 && plainSafe(text, flow):
		return text, true
	case quote == '\'' && !strings.ContainsFunc(text, unprintable):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'", true
	}
	return strconv.Quote(text), true
}

// plainSafe says that a text needs no quotes to be read as the same string.
func plainSafe(text string, flow bool) bool {
	if text == "" || plainKind(text) != String || strings.ContainsFunc(text, unprintable) || strings.TrimSpace(text) != text {
		return false
	}
	if strings.ContainsAny(text[:1], "-?:,[]{}#&*!|>'\"%@`=<.~") || strings.HasSuffix(text, ":") || strings.Contains(text, ": ") || strings.Contains(text, " #") {
		return false
	}
	return !flow || !strings.ContainsAny(text, ",[]{}?:")
}

func unprintable(r rune) bool { return r < ' ' || !strconv.IsPrint(r) }
