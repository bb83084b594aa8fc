// Package document holds YAML with a place for every value, and a merge that
// keeps those places. It is the only package that imports a YAML parser.
package document

import (
	"strconv"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Kind says what a Value is, as Helm and istioctl would decode it: both read
// YAML 1.1, where a plain yes or on is a boolean.
type Kind uint8

// The kinds of a Value.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Map
	List
)

// String names the kind in the words of a finding.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "integer", "number", "string", "map", "list"}[k]
}

// Style says how a scalar was written.
type Style uint8

// The styles of a scalar.
const (
	Plain  Style = iota // no quotes
	Quoted              // single or double quotes
	Block               // | or >
)

// Value is one YAML value with its place. Values are never changed after
// they were built; a merge makes new ones.
type Value struct {
	Kind  Kind
	Style Style
	// Text is a scalar's text without quotes; empty for maps and lists.
	Text string

	place  finding.Location // where the value stands
	key    finding.Location // where its key stands; zero for list items and roots
	parent *Value
	under  string // the path, where the parents do not tell it
	block  *block // where the lines of a | or > string stand
	name   string // key in the parent map
	index  int    // position in the parent list
	fields []*Value
	byName map[string]*Value

	origin *Value  // the value that a merge copied; nil for one that a file holds
	src    *source // the text it was read from; nil for values of no file
	traits
}

// traits say what of a value's text makes an edit more than a change of this
// one value.
type traits struct {
	shared   bool // written once for several places: below an anchor or <<
	alias    bool // written as *name
	anchored bool // written with an anchor
	tagged   bool // written with a tag
	partial  bool // a map whose text holds more than its fields, such as <<
}

// Location is the place of the value. An empty value has no text of its own,
// so its key is pointed at.
func (v *Value) Location() finding.Location {
	if v == nil {
		return finding.Location{}
	}
	at := v.place
	if v.Kind == Null && v.Text == "" && v.key.Line != 0 {
		at = v.key
	}
	at.Path = v.Path()
	return at
}

// KeyLocation is the place of the value's key, or the value's own place if
// it has none.
func (v *Value) KeyLocation() finding.Location {
	if v == nil || v.key.File == "" {
		return v.Location()
	}
	at := v.key
	at.Path = v.Path()
	return at
}

// Key is a Locator for the value's key.
func (v *Value) Key() finding.Locator { return v.KeyLocation() }

// Name is the key under which the value stands in its map, "" otherwise.
func (v *Value) Name() string {
	if v == nil {
		return ""
	}
	return v.name
}

// Parent is the map or list that holds the value, nil for a root.
func (v *Value) Parent() *Value {
	if v == nil {
		return nil
	}
	return v.parent
}

// Path is the dotted path from the document's root, with [N] for list items
// and ["a.b"] for keys that hold a dot. In a document that stands in a string
// of another one it begins with the path of that string.
func (v *Value) Path() string {
	switch {
	case v == nil:
		return ""
	case v.under != "" || v.parent == nil:
		return v.under
	}
	prefix := v.parent.Path()
	switch {
	case v.parent.Kind == List:
		return prefix + "[" + strconv.Itoa(v.index) + "]"
	case strings.ContainsAny(v.name, ".[ "):
		return prefix + "[" + strconv.Quote(v.name) + "]"
	case prefix == "":
		return v.name
	default:
		return prefix + "." + v.name
	}
}

// Fields returns a map's values in the order of the file; nil for others.
func (v *Value) Fields() []*Value {
	if v == nil || v.Kind != Map {
		return nil
	}
	return v.fields
}

// Items returns a list's values; nil for others.
func (v *Value) Items() []*Value {
	if v == nil || v.Kind != List {
		return nil
	}
	return v.fields
}

// Field returns the value under one key of a map, or nil. It is safe on nil,
// so that look-ups chain.
func (v *Value) Field(name string) *Value {
	if v == nil || v.Kind != Map {
		return nil
	}
	return v.byName[name]
}

// At follows keys from map to map; nil where one is missing.
func (v *Value) At(names ...string) *Value {
	for _, name := range names {
		v = v.Field(name)
	}
	return v
}

// Str is the text of a scalar at the given keys, "" where there is none.
func (v *Value) Str(names ...string) string {
	at := v.At(names...)
	if at == nil || at.Kind == Map || at.Kind == List || at.Kind == Null {
		return ""
	}
	return at.Text
}

// IsTrue says that the scalar at the given keys is the boolean true.
func (v *Value) IsTrue(names ...string) bool {
	at := v.At(names...)
	return at != nil && at.Kind == Bool && truthy(at.Text)
}

// IsFalse says that the scalar at the given keys is the boolean false.
func (v *Value) IsFalse(names ...string) bool {
	at := v.At(names...)
	return at != nil && at.Kind == Bool && !truthy(at.Text)
}

// Scalar says whether the value is neither map nor list.
func (v *Value) Scalar() bool { return v != nil && v.Kind != Map && v.Kind != List }

func truthy(text string) bool {
	switch strings.ToLower(text) {
	case "true", "yes", "y", "on":
		return true
	}
	return false
}

func (v *Value) add(child *Value) {
	child.parent = v
	child.index = len(v.fields)
	v.fields = append(v.fields, child)
	if v.Kind == Map {
		if v.byName == nil {
			v.byName = map[string]*Value{}
		}
		v.byName[child.name] = child
	}
}
