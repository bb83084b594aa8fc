package document

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fields are what a value may hold. Those of nil, and of one without anything,
// are not looked at.
type Fields struct {
	// Known are the fields of a map by name.
	Known map[string]*Fields
	// Each is for the items of a list, and the values of a map with any keys.
	Each *Fields
}

// HasUnknown says whether a map in the value has a field that is not known. It
// costs a lookup a field, so that all objects of a mesh can be asked.
func (r Raw) HasUnknown(f *Fields) bool { return hasUnknown(r.node, f) }

func hasUnknown(n *yaml.Node, f *Fields) bool {
	if f == nil {
		return false
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
		if len(c.Content) > 0 && hasUnknown(c, next) {
			return true
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
