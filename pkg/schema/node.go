// Package schema knows which fields an installation file may have, per Istio
// minor, and checks a document against them. It joins the checked table of
// package facts with the real types of the linked Istio API.
package schema

import (
	"reflect"
	"sort"
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
)

// shape is what a field's value may be.
type shape uint8

const (
	open     shape = iota // anything; not looked into
	object                // a map with known fields
	dict                  // a map with any key
	list                  // a list
	text                  // a string
	boolean               // true or false
	integer               // a whole number
	number                // any number
	duration              // a string such as 10s
	quantity              // an amount such as 500m or 1Gi
	formal                // a scalar with a form of its own
)

// node is one field of a schema. Trees are built once and shared, so nothing
// may change them afterwards.
type node struct {
	shape   shape
	fields  map[string]*node // of an object
	aliases map[string]string
	// wrappers are keys that hold the same fields again.
	wrappers map[string]*node
	elem     *node // of a list or a dict; nil means anything
	enum     []string
	// numbers says that the enum may be given by number, as protojson takes it.
	numbers bool
	form    *form // of a formal value
	// json are the JSON types that the chart's own schema wants.
	json []string
	// refused says that Helm refuses what does not fit below, instead of
	// ignoring it; closed that it refuses unknown fields right here.
	refused, closed bool
	// held is the surface that the field holds, where few files have one and
	// its tree is made for those only.
	held facts.Surface
	// custom says that unknown fields may be meant for templates of one's
	// own, unless they nearly have the name of a known one.
	custom bool
	// empty says that an empty map stands for no value.
	empty bool
	// lenient marks a Helm value: templates take a number for a string and
	// a quoted number for a number.
	lenient bool
	// sealed marks a field whose content the table leaves open; rows below
	// it are examples.
	sealed bool
	// strict marks a Go field that is decoded by encoding/json, which takes
	// no quoted number for a number.
	strict bool
	// since is the first minor in which the content is checked; zero for
	// all of them.
	since facts.Minor
	fact  *facts.Field
	// goType is the Go type that the node was made from, for its comments.
	goType reflect.Type
	// message is the proto type of which it was made, for the same.
	message string
	// dead says in which minors no chart reads the value.
	dead *facts.Dead
}

func (n *node) child(name string) (*node, bool) {
	if c, ok := n.fields[name]; ok {
		return c, true
	}
	if long, ok := n.aliases[name]; ok {
		return n.fields[long], true
	}
	c, ok := n.wrappers[name]
	return c, ok
}

// entry is what one entry of a dict or a list may be: some have a name for
// which more is known than for the others.
func (n *node) entry(name string) *node {
	if c, ok := n.fields[name]; ok && n.shape == dict {
		return c
	}
	return n.elem
}

// names lists the fields that exist in a minor, sorted.
func (n *node) names(istio facts.Minor) []string {
	var out []string
	for name, c := range n.fields {
		if status(c, istio) == alive {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

type life uint8

const (
	alive life = iota
	removed
	notYet
)

// oldest says that the table's first minor means "that one or earlier": the
// rows of the spec and of mesh config begin with 1.20.
func oldest(f *facts.Field) bool {
	return f.First == facts.Minor{Major: 1, Minor: 20} && !strings.HasPrefix(string(f.Surface), "helm:")
}

// status says whether a field exists in a minor.
func status(n *node, istio facts.Minor) life {
	f := n.fact
	switch {
	case f == nil:
		return alive
	case f.Removed.Known() && !istio.Before(f.Removed):
		return removed
	case istio.Before(f.First) && !oldest(f):
		return notYet
	default:
		return alive
	}
}

// tree builds the schema of one surface from the table.
func tree(surface facts.Surface) *node {
	root := &node{shape: object, fields: map[string]*node{}}
	rows := facts.Fields(surface)
	for i := range rows {
		row := &rows[i]
		path := segments(row.Path)
		n := root.insert(path)
		if n == nil {
			continue
		}
		n.apply(row)
		if path[len(path)-1] == "[]" {
			n = root.insert(path[:len(path)-1]) // the row is about the list
		}
		n.fact = row
		if row.Alias != "" {
			root.alias(segments(row.Path), segments(row.Alias))
		}
	}
	return root
}

// segments cuts a table path: a.b[].c.* becomes a, b, [], c, *.
func segments(path string) []string {
	var out []string
	for s := range strings.SplitSeq(path, ".") {
		if base, isList := strings.CutSuffix(s, "[]"); isList {
			out = append(out, base, "[]")
			continue
		}
		out = append(out, s)
	}
	return out
}

// insert walks to a path and makes what is missing. Nil means that the path
// leads into an open value, where the table's rows are only examples.
func (n *node) insert(path []string) *node {
	for _, seg := range path {
		if n.sealed {
			return nil
		}
		switch seg {
		case "[]":
			n.shape = list
		case "*":
			n.shape = dict
		default:
			n.shape = object
		}
		next := n.elem
		if seg != "[]" && seg != "*" {
			next = n.fields[seg]
		}
		if next == nil {
			next = &node{}
			n.attach(seg, next)
		}
		n = next
	}
	return n
}

func (n *node) attach(seg string, child *node) {
	if seg == "[]" || seg == "*" {
		n.elem = child
		return
	}
	if n.fields == nil {
		n.fields = map[string]*node{}
	}
	n.fields[seg] = child
}

func (n *node) alias(path, alias []string) {
	parent := n
	for i, seg := range path {
		if seg != alias[i] && seg != "[]" && parent != nil {
			if parent.aliases == nil {
				parent.aliases = map[string]string{}
			}
			parent.aliases[alias[i]] = seg
		}
		next, ok := parent.child(seg)
		if !ok {
			next = parent.elem
		}
		if next == nil {
			return
		}
		parent = next
	}
}

// apply sets the shape that the table's type stands for. Message types keep
// "open" until a row below them makes them an object.
func (n *node) apply(row *facts.Field) {
	n.lenient = strings.HasPrefix(string(row.Surface), "helm:")
	if k, ok := kube(row.Type); ok {
		n.shape, n.fields, n.goType, n.since, n.sealed = k.shape, k.fields, k.goType, k.since, true
		return
	}
	typ := strings.TrimSuffix(strings.TrimPrefix(row.Type, "*"), " (hidden)")
	switch typ {
	case "string", "google.protobuf.StringValue":
		n.shape = text
	case "bool", "google.protobuf.BoolValue", "BoolValue":
		n.shape = boolean
	case "int", "int32", "int64", "uint32", "google.protobuf.Int32Value", "google.protobuf.Int64Value":
		n.shape = integer
	case "float", "double":
		n.shape = number
	case "google.protobuf.Duration":
		n.shape = duration
	case "map", "google.protobuf.Struct":
		n.shape, n.sealed = dict, true
	case "map[string]string":
		n.shape, n.elem, n.sealed = dict, &node{shape: text}, true
	case "list":
		n.shape, n.sealed = list, true
	case "object":
		n.shape = object
	case "IntOrString", "any", "ref", "null", "", "json.RawMessage":
		n.sealed = true
	}
}
