package document

import (
	"github.com/meshctl/meshctl/pkg/finding"
)

// Insert adds a scalar at a path below the map, and the maps on the way that
// are missing. It is nil where the path has a value already.
func (v *Value) Insert(text string, kind Kind, path ...string) []finding.Edit {
	p := v.spot(path)
	if p == nil {
		return nil
	}
	text, ok := scalarText(text, kind, 0, p.flow)
	if !ok {
		return nil
	}
	return p.src.edits(p.insert([]string{p.key(p.name()) + ": " + text})...)
}

// spot is a place in a map where a field can be added.
type spot struct {
	src    *source
	into   *Value   // the deepest map of the path that is there
	path   []string // what of the path is missing, the field's own name last
	span            // empty, or an empty { } that is replaced
	flow   bool     // inside { }
	indent int      // of the new lines
	step   int      // by how much a map's fields are indented
}

func (p *spot) name() string { return p.path[len(p.path)-1] }

// key writes a key, in quotes where it needs them.
func (p *spot) key(name string) string {
	text, _ := scalarText(name, String, 0, p.flow)
	return text
}

// spot finds the place for a field at a path below the map; nil where there
// is none or the path is taken.
func (v *Value) spot(path []string) *spot {
	m := v.editable()
	for len(path) > 0 {
		if m == nil || m.Kind != Map || m.partial || m.shared || m.alias || m.anchored || m.tagged {
			return nil
		}
		next := m.Field(path[0])
		if next == nil {
			break
		}
		m, path = next, path[1:]
	}
	if len(path) == 0 {
		return nil
	}
	p := &spot{src: m.src, into: m, path: path, step: m.step()}
	if m.flow() {
		return p.inFlow()
	}
	return p.inBlock()
}

// step is by how much the fields of a map are indented below its key, 2 where
// the file does not tell.
func (v *Value) step() int {
	for m := v; m.parent != nil; m = m.parent {
		if m.parent.Kind == Map && len(m.fields) > 0 && m.Kind == Map && !m.flow() {
			if step := m.fields[0].key.Column - m.key.Column; step > 0 {
				return step
			}
		}
	}
	return 2
}

// inBlock is the line behind a map's last one.
func (p *spot) inBlock() *spot {
	s, m := p.src, p.into
	if len(m.fields) == 0 {
		return nil
	}
	first, _, ok := s.keySpan(m.fields[0])
	at, okMap := s.valueSpan(m)
	if !ok || !okMap || !s.dashes(first.start) || !s.restIsComment(at.end) {
		return nil
	}
	p.indent = m.fields[0].key.Column - 1
	p.start = s.below(s.nextLine(at.end), p.indent-1)
	p.end = p.start
	if s.unended(p.start) && m.endsInBlock() {
		return nil // a line break would become part of the text
	}
	return p
}

// unended says that a place is behind a last line without a line break.
func (s *source) unended(pos int) bool { return pos > 0 && s.text[pos-1] != '\n' }

// endsInBlock says whether the last text below the value is a | or >.
func (v *Value) endsInBlock() bool {
	for len(v.fields) > 0 {
		v = v.fields[len(v.fields)-1]
	}
	return v.Style == Block
}

// inFlow is behind the last field of a { }, or an empty { } that becomes
// lines of its own.
func (p *spot) inFlow() *spot {
	s, m := p.src, p.into
	at, ok := s.valueSpan(m)
	if !ok || s.text[at.start] != '{' {
		return nil
	}
	if len(m.fields) > 0 {
		last, okLast := s.valueSpan(m.fields[len(m.fields)-1])
		p.flow, p.span = true, span{last.end, last.end}
		if !okLast {
			return nil
		}
		return p
	}
	if m.parent == nil || m.parent.Kind != Map || m.inFlow() || !s.restIsComment(at.end) {
		p.flow, p.span = true, span{at.start + 1, at.end - 1}
		return p
	}
	_, colon, ok := s.keySpan(m)
	if !ok || s.lineStart(colon) != s.lineStart(at.end) {
		return nil
	}
	p.indent, p.span = m.key.Column-1+p.step, span{colon, at.end}
	return p
}
