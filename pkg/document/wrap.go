package document

import (
	"bytes"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Empty writes {} for a key without a value. Comments below the key stay.
func (v *Value) Empty() []finding.Edit {
	v = v.editable()
	if v == nil || v.Kind != Null || v.parent == nil || v.parent.Kind != Map || v.alias || v.anchored || v.tagged {
		return nil
	}
	_, colon, ok := v.src.keySpan(v)
	at, okValue := v.src.valueSpan(v)
	switch {
	case !ok || !okValue:
		return nil
	case v.Text == "":
		return v.src.edits(change{span{colon, colon}, " {}"})
	}
	return v.src.edits(change{at, "{}"})
}

// Unwrap takes a key away and puts its fields into the map around it, by
// taking their indentation off. It is nil where that map has one of them, or
// where a line has less indentation.
func (v *Value) Unwrap() []finding.Edit {
	v = v.editable()
	if v == nil || v.Kind != Map || v.flow() || len(v.fields) == 0 || v.parent == nil || v.parent.flow() || v.partial || !v.movable(true) {
		return nil
	}
	for _, f := range v.fields {
		if f.name != v.name && v.parent.Field(f.name) != nil {
			return nil
		}
	}
	key, colon, ok := v.src.keySpan(v)
	at, okValue := v.src.valueSpan(v)
	depth := v.fields[0].key.Column - v.key.Column
	if !ok || !okValue || depth < 1 || !v.src.restIsComment(at.end) || strings.TrimSpace(string(v.src.text[colon:v.src.nextLine(colon)])) != "" {
		return nil
	}
	if strings.Trim(string(v.src.text[v.src.lineStart(key.start):key.start]), " ") != "" {
		return nil
	}
	return v.src.edits(v.src.shallower(v.src.lineStart(key.start), v.src.nextLine(at.end), depth)...)
}

// shallower drops the first of some lines and takes indentation off the rest.
func (s *source) shallower(start, end, depth int) []change {
	out := []change{{span{start, s.nextLine(start)}, ""}}
	for pos := s.nextLine(start); pos < end; pos = s.nextLine(pos) {
		line := s.text[pos:s.nextLine(pos)]
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		switch {
		case spaces >= depth:
			out = append(out, change{span{pos, pos + depth}, ""})
		case len(bytes.TrimSpace(line)) > 0 && !commentLine(string(line)):
			return nil
		}
	}
	return out
}

// Single writes the text of a map's only field in the place of the map, as in
// a list of names that holds {name: x}.
func (v *Value) Single(field string) []finding.Edit {
	only := v.Field(field).editable()
	v = v.editable()
	if v == nil || only == nil || len(v.fields) != 1 || v.parent == nil || v.parent.Kind != List || !v.movable(true) || !only.Scalar() || only.Style == Block {
		return nil
	}
	s := v.src
	key, _, ok := s.keySpan(only)
	at, okValue := s.valueSpan(only)
	whole, okWhole := s.valueSpan(v)
	switch {
	case !ok || !okValue || !okWhole || at.start == at.end || !s.sameLine(whole.start, whole.end):
		return nil
	case v.flow():
		return s.edits(change{span{whole.start, at.start}, ""}, change{span{at.end, whole.end}, ""})
	}
	return s.edits(change{span{key.start, at.start}, ""})
}

// Named writes an item of a list as a map with one field that has its text.
func (v *Value) Named(field string) []finding.Edit {
	v = v.editable()
	if v == nil || v.parent == nil || v.parent.Kind != List || !v.Scalar() || v.Kind == Null || v.Style == Block || v.alias || v.anchored || v.tagged {
		return nil
	}
	at, ok := v.src.valueSpan(v)
	switch {
	case !ok || at.start == at.end || !v.src.sameLine(at.start, at.end):
		return nil
	case v.parent.inFlow() || v.parent.flow():
		return v.src.edits(change{span{at.start, at.start}, "{" + field + ": "}, change{span{at.end, at.end}, "}"})
	}
	return v.src.edits(change{span{at.start, at.start}, field + ": "})
}

func (s *source) sameLine(start, end int) bool { return s.lineStart(start) == s.lineStart(end) }

// Above adds a scalar field as the first one of a document, below the
// comments at its head.
func (v *Value) Above(name, text string) []finding.Edit {
	v = v.editable()
	if v == nil || v.Kind != Map || v.parent != nil || v.flow() || v.partial || v.anchored || v.tagged || len(v.fields) == 0 || v.Field(name) != nil {
		return nil
	}
	key, _, ok := v.src.keySpan(v.fields[0])
	text, okText := scalarText(text, String, 0, false)
	start := v.src.lineStart(max(key.start, 0))
	if !ok || !okText || start != key.start {
		return nil
	}
	return v.src.edits(change{span{start, start}, name + ": " + text + v.src.lineBreak()})
}
