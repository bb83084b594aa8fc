package document

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fields are what a value may be and hold. Those of nil, and of one without
// anything, are not looked at.
type Fields struct {
	// Known are the fields of a map by name.
	Known map[string]*Fields
	// OneOf has the group of fields of which only one may be set.
	OneOf map[string]string
	// Each is for the items of a list, and the values of a map with any keys.
	Each *Fields
	// Form is what the value has to be.
	Form Form
	// Least and Most bound an Integer, if they differ.
	Least, Most float64
	// Values are all that a Text may be, in their order; none for any. Named
	// has the same, for asking quickly.
	Values []string
	Named  map[string]bool
	// Lenient says that the decoder takes strings for the numbers, where the
	// API server does not.
	Lenient bool
	// Refuses says what keeps JSON from being a value of a Special form.
	Refuses func(text []byte) error
}

// Misfits says whether a map in the value has a field that is not known, or a
// value is none that its field takes and a decoder passes over. It costs a
// lookup a field, so that all objects of a mesh can be asked.
func (r Raw) Misfits(f *Fields) bool { return misfits(r.node, f) }

func misfits(n *yaml.Node, f *Fields) bool {
	switch {
	case f == nil:
		return false
	case n.Kind == yaml.ScalarNode:
		return f.Named != nil && !f.Named[n.Value] || f.Lenient && scalarKind(n) == String
	case n.Kind == yaml.MappingNode && f.OneOf != nil && several(n, f.OneOf):
		return true
	}
	for i, c := range n.Content {
		next := f.Each
		if n.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			if f.Known != nil {
				name, known := n.Content[i-1].Value, false
				if next, known = f.Known[name]; !known && !directive(name) {
					return true
				}
			}
		}
		if next != nil && misfits(c, next) {
			return true
		}
	}
	return false
}

// several says whether a map has two fields of one group.
func several(n *yaml.Node, groups map[string]string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		group, ok := groups[n.Content[i].Value]
		for j := 0; ok && j < i; j += 2 {
			if groups[n.Content[j].Value] == group {
				return true
			}
		}
	}
	return false
}

// EachUnknown visits the fields that are not known, with those that are known
// in their place.
func (v *Value) EachUnknown(f *Fields, visit func(field *Value, in *Fields)) {
	if f == nil {
		return
	}
	for _, field := range v.Fields() {
		next, known := f.Each, true
		if f.Known != nil {
			next, known = f.Known[field.Name()]
		}
		if !known && !directive(field.Name()) {
			visit(field, f)
			continue
		}
		field.EachUnknown(next, visit)
	}
	for _, item := range v.Items() {
		item.EachUnknown(f.Each, visit)
	}
}

// directive knows the fields of patches that say how to merge, such as $patch.
func directive(name string) bool { return strings.HasPrefix(name, "$") }
