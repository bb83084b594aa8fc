package document

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Remove takes a field out of its map, or an item out of its list, with its
// lines and its comments: the one behind it and those directly above it. Maps that are left empty go as
// well, except keep and those above it; an empty {} stays in their place.
func (v *Value) Remove(keep *Value) []finding.Edit {
	v = v.editable()
	if v == nil || !v.movable(false) {
		return nil
	}
	return v.src.edits(v.cut(keep.written(), nil)...)
}

// cut is Remove where another map, if any, gets a new field at the same time.
func (v *Value) cut(keep, filled *Value) []change {
	m := v.parent
	if m == nil || m.partial || m.alias {
		return nil
	}
	if m.Kind == List {
		return v.cutItem()
	}
	switch {
	case m.flow():
		return v.cutFlow()
	case len(m.fields) > 1 || m == filled:
		return v.cutLines()
	}
	if whole := v.alone(keep, filled); whole != nil {
		return whole.cut(keep, filled)
	}
	return v.cutLast()
}

// alone is the value's map where that can go with it: it has no other field
// and no comment of its own, and is itself a field of a map.
func (v *Value) alone(keep, filled *Value) *Value {
	m := v.parent
	if keep.inside(m) || filled.inside(m) || m.parent == nil || m.parent.Kind != Map || m.anchored || m.tagged {
		return nil
	}
	_, colon, ok := v.src.keySpan(m)
	lines, okLines := v.lines()
	if !ok || !okLines || v.src.nextLine(colon) != lines.start || v.src.below(lines.end, m.key.Column-1) != lines.end {
		return nil
	}
	return m
}

// cutLines takes whole lines out, or the first field of a list item's map.
func (v *Value) cutLines() []change {
	if lines, ok := v.lines(); ok {
		return []change{{lines, ""}}
	}
	return v.cutFirst()
}

// cutItem takes an item out of a list of lines that has others.
func (v *Value) cutItem() []change {
	s, m := v.src, v.parent
	if m.flow() {
		return v.cutFlow()
	}
	at, ok := s.valueSpan(v)
	if !ok || at.start == at.end || !s.restIsComment(at.end) {
		return nil
	}
	start := s.lineStart(at.start)
	before := string(s.text[start:at.start])
	indent := indentOf(before)
	if strings.TrimRight(before[indent:], " ") != "-" {
		return nil
	}
	floor := start
	switch {
	case len(m.fields) == 1:
		return v.cutOnly(span{start, s.below(s.nextLine(at.end), indent)})
	case v.index > 0:
		last, okLast := s.valueSpan(m.fields[v.index-1])
		if !okLast {
			return nil
		}
		floor = last.end
	}
	return []change{{span{s.above(start, indent, floor), s.below(s.nextLine(at.end), indent)}, ""}}
}

// cutOnly takes the lines of a list's only item out, and leaves [].
func (v *Value) cutOnly(lines span) []change {
	s, m := v.src, v.parent
	if m.anchored || m.tagged || m.alias || m.parent == nil || m.parent.Kind != Map {
		return nil
	}
	_, colon, ok := s.keySpan(m)
	if !ok || s.nextLine(colon) != lines.start {
		return nil
	}
	return []change{{span{colon, colon}, " []"}, {lines, ""}}
}

// cutFirst takes out a field that stands behind the dash of a list item.
func (v *Value) cutFirst() []change {
	s, m := v.src, v.parent
	if m.fields[0] != v || len(m.fields) < 2 {
		return nil
	}
	key, _, ok := s.keySpan(v)
	next, _, okNext := s.keySpan(m.fields[1])
	at, okValue := s.valueSpan(v)
	if !ok || !okNext || !okValue || v.key.Column != m.fields[1].key.Column || !s.dashes(key.start) {
		return nil
	}
	if !s.restIsComment(at.end) || strings.TrimSpace(string(s.text[s.nextLine(at.end):next.start])) != "" {
		return nil
	}
	return []change{{span{key.start, next.start}, ""}}
}

// dashes says that only the dashes of list items stand before a place.
func (s *source) dashes(pos int) bool {
	return strings.Trim(string(s.text[s.lineStart(pos):pos]), " -") == ""
}

// front is where a field or an item begins.
func (v *Value) front() (int, bool) {
	if v.parent.Kind == Map {
		key, _, ok := v.src.keySpan(v)
		return key.start, ok
	}
	at, ok := v.src.valueSpan(v)
	return at.start, ok && at.start < at.end
}

// cutFlow takes a field or an item and its comma out of a { } or a [ ].
func (v *Value) cutFlow() []change {
	s, m := v.src, v.parent
	start, ok := v.front()
	at, okValue := s.valueSpan(v)
	if !ok || !okValue {
		return nil
	}
	end := at.end
	switch i := v.index; {
	case i+1 < len(m.fields):
		end, ok = m.fields[i+1].front()
	case i > 0:
		before, okBefore := s.valueSpan(m.fields[i-1])
		ok, start = okBefore, before.end
	default:
		var whole span
		whole, ok = s.valueSpan(m)
		start, end = whole.start+1, whole.end-1
		ok = ok && (s.text[whole.start] == '{' || s.text[whole.start] == '[')
	}
	if !ok || strings.ContainsAny(string(s.text[start:end]), "#\n") {
		return nil
	}
	return []change{{span{start, end}, ""}}
}

// cutLast takes out the only field of a map that has to stay, as {}: without
// it the map would become null, which means something else.
func (v *Value) cutLast() []change {
	s, m := v.src, v.parent
	if m.anchored || m.tagged || m.parent == nil {
		return nil
	}
	if lines, ok := v.lines(); ok && m.parent.Kind == Map {
		_, colon, okKey := s.keySpan(m)
		if !okKey || colon > lines.start {
			return nil
		}
		return append([]change{{span{colon, colon}, " {}"}}, v.cutLines()...)
	}
	key, _, ok := s.keySpan(v)
	at, okValue := s.valueSpan(v)
	if !ok || !okValue || !s.dashes(key.start) || !s.restIsComment(at.end) {
		return nil
	}
	return []change{{span{key.start, at.end}, "{}"}}
}

// lines are the whole lines of a field, with the comments that belong to it.
// It is false where the field shares a line with something else.
func (v *Value) lines() (span, bool) {
	s := v.src
	key, _, ok := s.keySpan(v)
	at, okValue := s.valueSpan(v)
	if !ok || !okValue || !s.restIsComment(at.end) {
		return span{}, false
	}
	start := s.lineStart(key.start)
	if strings.TrimLeft(string(s.text[start:key.start]), " ") != "" {
		return span{}, false
	}
	indent, floor := key.start-start, s.floor(v)
	start = s.above(start, indent, floor)
	return span{start, s.below(s.nextLine(at.end), indent)}, floor >= 0
}

// floor is the end of what stands before a field; comments above it belong
// to others. It is -1 where that is not certain.
func (s *source) floor(v *Value) int {
	if v.index > 0 {
		before, ok := s.valueSpan(v.parent.fields[v.index-1])
		if !ok {
			return -1
		}
		return before.end
	}
	if v.parent.parent == nil || v.parent.parent.Kind != Map {
		return 0
	}
	_, colon, ok := s.keySpan(v.parent)
	if !ok {
		return -1
	}
	return colon
}

// above moves a start up over the comment lines with the same indentation
// that stand directly above it.
func (s *source) above(start, indent, floor int) int {
	for start > 0 {
		up := s.lineStart(start - 1)
		line := s.line(up)
		if up < floor || !commentLine(line) || indentOf(line) != indent {
			return start
		}
		start = up
	}
	return start
}

// below moves an end down over comment lines that are indented deeper than
// the field, and so stand inside of it.
func (s *source) below(end, indent int) int {
	for end < len(s.text) {
		if line := s.line(end); !commentLine(line) || indentOf(line) <= indent {
			return end
		}
		end = s.nextLine(end)
	}
	return end
}
