package document

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Move takes a field to a path below another map of the same document, which
// may be one above it, with its lines and comments. It is nil where the path
// is taken. Maps that are left empty go, as in Remove.
func (v *Value) Move(keep, base *Value, path ...string) []finding.Edit {
	v = v.editable()
	p := base.spot(path)
	if v == nil || p == nil || v.parent == nil || p.src != v.src || p.into.inside(v) || !v.movable(true) {
		return nil
	}
	if v.parent == p.into && p.flow && len(p.into.fields) == 1 {
		return nil
	}
	cut, body := v.cut(keep.written(), p.into), v.body(p)
	if cut == nil || body == nil {
		return nil
	}
	add := p.insert(body)
	if add == nil || p.src.unended(p.end) && v.endsInBlock() {
		return nil
	}
	return v.src.edits(joined(v.src, cut, add)...)
}

// joined puts two lists of changes together. Where the last line of a file
// goes and the field comes back behind it, the file gets a last line break.
func joined(s *source, cut, add []change) []change {
	if last := cut[len(cut)-1]; s.unended(last.end) && add[0].start == last.end {
		add[0].text = strings.TrimPrefix(add[0].text, s.lineBreak()) + s.lineBreak()
	}
	return append(cut, add...)
}

// body is the field's text for another place, under its new name and without
// indentation.
func (v *Value) body(p *spot) []string {
	s := v.src
	key, colon, ok := s.keySpan(v)
	at, okValue := s.valueSpan(v)
	if !ok || !okValue {
		return nil
	}
	name := string(s.text[key.start:key.end])
	if v.name != p.name() {
		name = s.keyText(key, p.name(), p.flow)
	}
	lines, whole := v.lines()
	if whole && !p.flow && !v.parent.flow() {
		return s.dedent(lines, key, name)
	}
	value := string(s.text[at.start:at.end])
	if strings.Contains(value, "\n") || whole && strings.Contains(string(s.text[lines.start:lines.end]), "#") || p.flow && !v.fitsFlow() {
		return nil
	}
	if value == "" || !v.Scalar() && !v.flow() {
		return nil
	}
	return []string{name + string(s.text[key.end:colon]) + " " + value}
}

// fitsFlow says that the value's text means the same inside { }.
func (v *Value) fitsFlow() bool {
	return v.inFlow() || v.flow() || v.Style == Quoted || v.Scalar() && v.Style == Plain && v.Text != "" && plainFlow(v.Text)
}

func plainFlow(text string) bool { return !strings.ContainsAny(text, ",[]{}?:") }

// dedent takes the indentation of a field's key off its lines and writes its
// key anew; nil where a line has less.
func (s *source) dedent(lines, key span, name string) []string {
	indent := key.start - s.lineStart(key.start)
	var out []string
	for pos := lines.start; pos < lines.end; pos = s.nextLine(pos) {
		line := string(s.text[pos:s.nextLine(pos)])
		text := strings.TrimRight(line, "\r\n")
		spaces := min(indentOf(text), indent)
		if spaces < indent && spaces < len(text) {
			return nil
		}
		line = line[spaces:]
		if pos == s.lineStart(key.start) {
			line = name + string(s.text[key.end:s.nextLine(pos)])
		}
		out = append(out, line)
	}
	return out
}
