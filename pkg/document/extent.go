package document

import (
	"bytes"
	"strings"
)

// span is a range of a source's text, from start up to, not including, end.
type span struct{ start, end int }

// keySpan is where a key stands, with its quotes, and colon is behind its
// colon. It is false for what cannot be edited: complex and tagged keys,
// aliases, and keys without a colon behind them.
func (s *source) keySpan(v *Value) (key span, colon int, ok bool) {
	start := s.find(v.key)
	if start < 0 || start >= len(s.text) || v.key.Line == 0 {
		return span{}, 0, false
	}
	end := 0
	switch s.text[start] {
	case '"':
		end = s.doubleEnd(start)
	case '\'':
		end = s.singleEnd(start)
	case '&', '!', '*', '?':
		return span{}, 0, false
	default:
		end = s.plainKeyEnd(start)
		if end >= 0 && string(s.text[start:end]) != v.name && plainKind(string(s.text[start:end])) == String {
			return span{}, 0, false
		}
	}
	if end < 0 {
		return span{}, 0, false
	}
	colon = end
	for colon < len(s.text) && blank(s.text[colon]) {
		colon++
	}
	if colon >= len(s.text) || s.text[colon] != ':' {
		return span{}, 0, false
	}
	return span{start, end}, colon + 1, true
}

// plainKeyEnd is the end of a key without quotes, which stands on one line.
func (s *source) plainKeyEnd(start int) int {
	for i := start; i < len(s.text) && s.text[i] != '\n'; i++ {
		if s.text[i] == ':' && (i+1 == len(s.text) || strings.IndexByte(" \t\r\n,[]{}", s.text[i+1]) >= 0) {
			return start + len(bytes.TrimRight(s.text[start:i], " \t"))
		}
	}
	return -1
}

func (s *source) doubleEnd(start int) int {
	for i := start + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func (s *source) singleEnd(start int) int {
	for i := start + 1; i < len(s.text); i++ {
		if s.text[i] != '\'' {
			continue
		}
		if i+1 < len(s.text) && s.text[i+1] == '\'' {
			i++
			continue
		}
		return i + 1
	}
	return -1
}

// valueSpan is where a value stands, its anchor and tag included.
func (s *source) valueSpan(v *Value) (span, bool) {
	start := s.find(v.place)
	if start < 0 {
		return span{}, false
	}
	end := s.valueEnd(v, start)
	return span{start, end}, end >= start
}

// valueEnd is the end of a value; -1 where it is not certain.
func (s *source) valueEnd(v *Value, start int) int {
	if v.alias {
		return s.wordEnd(start)
	}
	props, content := s.skipProperties(start)
	if v.Kind != Map && v.Kind != List {
		return s.scalarEnd(v, props, content)
	}
	if v.partial || content >= len(s.text) {
		return -1
	}
	if c := s.text[content]; c == '{' || c == '[' {
		return s.flowEnd(v, content)
	}
	return s.lastEnd(v)
}

// lastEnd is the end of the last value of a map or list; -1 where there is
// none.
func (s *source) lastEnd(v *Value) int {
	if len(v.fields) == 0 {
		return -1
	}
	last := v.fields[len(v.fields)-1]
	if v.Kind == Map {
		if _, _, ok := s.keySpan(last); !ok {
			return -1
		}
	}
	at, ok := s.valueSpan(last)
	if !ok {
		return -1
	}
	return at.end
}

// wordEnd is the end of an anchor, an alias or a tag.
func (s *source) wordEnd(start int) int {
	i := start
	for i < len(s.text) && strings.IndexByte(" \t\r\n,[]{}", s.text[i]) < 0 {
		i++
	}
	return i
}

// skipProperties steps over anchors and tags: props is their end, content the
// place of what follows them.
func (s *source) skipProperties(start int) (props, content int) {
	props, content = start, start
	for content < len(s.text) && (s.text[content] == '&' || s.text[content] == '!') {
		props = s.wordEnd(content)
		content = s.skipSpace(props)
	}
	return props, content
}

// skipSpace steps over blanks, line breaks and comments.
func (s *source) skipSpace(pos int) int {
	for pos < len(s.text) {
		switch c := s.text[pos]; {
		case blank(c) || c == '\n' || c == '\r':
			pos++
		case c == '#' && pos > 0 && strings.IndexByte(" \t\r\n", s.text[pos-1]) >= 0:
			pos = s.nextLine(pos)
		default:
			return pos
		}
	}
	return pos
}

// flowEnd is behind the bracket that closes the map or list at start.
func (s *source) flowEnd(v *Value, start int) int {
	pos := start + 1
	if len(v.fields) > 0 {
		pos = s.lastEnd(v)
	}
	if pos < 0 {
		return -1
	}
	pos = s.skipSpace(pos)
	if pos < len(s.text) && s.text[pos] == ',' {
		pos = s.skipSpace(pos + 1)
	}
	if pos >= len(s.text) || s.text[pos] != s.text[start]+2 { // } is { + 2, ] is [ + 2
		return -1
	}
	return pos + 1
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
