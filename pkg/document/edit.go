package document

import (
	"github.com/meshctl/meshctl/pkg/finding"
)

// The functions of this file and its neighbours say how a file would be
// edited to change one value. They return nil where that is not certain: for
// values that no file holds (--set, profiles), that are written for several
// places at once (aliases, anchors, <<), or whose text is too unusual.

// written is the value as its file has it, before any merge; nil where no
// file holds it.
func (v *Value) written() *Value {
	switch {
	case v == nil:
		return nil
	case v.origin != nil:
		return v.origin
	case v.src == nil:
		return nil
	}
	return v
}

// Top is the root of the document that the value was read from, as the file
// has it; that of the value's own tree for one of no file.
func (v *Value) Top() *Value {
	if own := v.written(); own != nil {
		v = own
	}
	for v != nil && v.parent != nil {
		v = v.parent
	}
	return v
}

// editable is written without the values that stand for several.
func (v *Value) editable() *Value {
	if v = v.written(); v == nil || v.shared {
		return nil
	}
	return v
}

// Rename gives the value's key another name, in the quotes that it has.
func (v *Value) Rename(name string) []finding.Edit {
	if v != nil && v.parent.Field(name) != nil {
		return nil // after a merge another file may have the name
	}
	v = v.editable()
	if v == nil || v.parent == nil || v.parent.partial || v.parent.Field(name) != nil {
		return nil
	}
	key, _, ok := v.src.keySpan(v)
	if !ok {
		return nil
	}
	return v.src.edits(change{key, v.src.keyText(key, name, v.inFlow())})
}

// Replace writes another text, or the same one as another kind: String puts
// the text in quotes where it would be read as something else, the other
// kinds take quotes off.
func (v *Value) Replace(text string, kind Kind) []finding.Edit {
	v = v.editable()
	if v == nil || !v.Scalar() || v.Style == Block || v.alias || v.anchored || v.tagged {
		return nil
	}
	at, ok := v.src.valueSpan(v)
	if !ok {
		return nil
	}
	quote := byte(0)
	if v.Style == Quoted {
		quote = v.src.text[at.start]
	}
	text, ok = scalarText(text, kind, quote, v.inFlow())
	if !ok {
		return nil
	}
	if v.Kind == Null && v.Text == "" {
		if v.parent == nil || v.parent.Kind != Map {
			return nil
		}
		_, colon, ok := v.src.keySpan(v)
		if !ok {
			return nil
		}
		at, text = span{colon, colon}, " "+text
	}
	return v.src.edits(change{at, text})
}

// keyText writes a key in the quotes of the one at a place.
func (s *source) keyText(key span, name string, flow bool) string {
	quote := s.text[key.start]
	if quote != '"' && quote != '\'' {
		quote = 0
	}
	text, _ := scalarText(name, String, quote, flow)
	return text
}

// inFlow says whether the value stands inside { } or [ ].
func (v *Value) inFlow() bool {
	for p := v.parent; p != nil; p = p.parent {
		if p.flow() {
			return true
		}
	}
	return false
}

// flow says whether the value is itself a { } or a [ ].
func (v *Value) flow() bool {
	start := v.src.find(v.place)
	if start < 0 || v.Kind != Map && v.Kind != List {
		return false
	}
	_, content := v.src.skipProperties(start)
	return content < len(v.src.text) && (v.src.text[content] == '{' || v.src.text[content] == '[')
}

// inside says whether the value is another one or stands below it.
func (v *Value) inside(other *Value) bool {
	for ; v != nil; v = v.parent {
		if v == other {
			return true
		}
	}
	return false
}

// movable says that the text of a value means the same in another place, and
// that nothing else needs it where it is.
func (v *Value) movable(elsewhere bool) bool {
	if v.alias {
		return !elsewhere
	}
	if v.anchored {
		return false
	}
	for _, f := range v.fields {
		if f.shared || !f.movable(elsewhere) {
			return false
		}
	}
	return !v.partial
}
