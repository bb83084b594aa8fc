package document

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Merge lays over on top of base as Helm and istioctl do: maps are merged
// key by key, anything else is replaced. Neither input is changed, and every
// value of the result keeps the place it had.
func Merge(base, over *Value) *Value { return placed(merge(base, over), over, base) }

// placed lets the root of a new tree keep the path that one of the trees it
// was made of has in its document.
func placed(out *Value, of ...*Value) *Value {
	for _, v := range of {
		if v == out {
			return out
		}
	}
	for _, v := range of {
		if path := v.Path(); path != "" && out != nil {
			out.under = path
			break
		}
	}
	return out
}

func merge(base, over *Value) *Value {
	switch {
	case over == nil:
		return base
	case base == nil:
		return over
	case base.Kind != Map || over.Kind != Map:
		return over
	}
	out := &Value{Kind: Map, place: over.place, key: over.key, name: over.name, origin: over.written()}
	for _, f := range base.fields {
		out.adopt(merge(f, over.byName[f.name]), f.name)
	}
	for _, f := range over.fields {
		if base.byName[f.name] == nil {
			out.adopt(f, f.name)
		}
	}
	return out
}

// Nest puts a value below maps with the given keys, outermost first, and
// keeps its place: Nest(v, "global", "hub") is the tree global.hub = v.
func Nest(v *Value, path ...string) *Value {
	if v == nil {
		return nil
	}
	for i := len(path) - 1; i >= 0; i-- {
		outer := &Value{Kind: Map, place: v.place, key: v.key}
		outer.adopt(v, path[i])
		v = outer
	}
	return v
}

// Without returns a map without one key; other values as they are.
func (v *Value) Without(name string) *Value {
	if v.Field(name) == nil {
		return v
	}
	out := &Value{Kind: Map, place: v.place, key: v.key, name: v.name, parent: v.parent, index: v.index, origin: v.written(), under: v.under}
	for _, f := range v.fields {
		if f.name != name {
			out.adopt(f, f.name)
		}
	}
	return out
}

// Hoist returns a map with the fields of one of its maps laid over it, as a
// chart does that takes its values below a prefix too. Fields keep the path
// that they have in the file.
func (v *Value) Hoist(name string) *Value {
	inner := v.Field(name)
	if inner == nil || inner.Kind != Map {
		return v
	}
	out := &Value{Kind: Map, place: v.place, key: v.key, under: v.Path(), origin: v.written()}
	for _, f := range v.fields {
		if f.name != name && inner.byName[f.name] == nil {
			out.adopt(f, f.name)
		}
	}
	for _, f := range inner.fields {
		path := f.Path()
		joined := merge(v.byName[f.name], f)
		if joined == f {
			c := *f
			c.origin = f.written()
			joined = &c
		}
		joined.parent, joined.under = nil, path
		out.adopt(joined, f.name)
	}
	return out
}

// FromGo makes a tree from plain Go values as JSON decodes them; every value
// gets the same place, and the same path if the place has one.
func FromGo(in any, at finding.Location) *Value { return fromGo(in, at) }

// adopt adds child under a name. A child that belongs to another tree is
// copied first, so that tree stays as it was; its own children keep their old
// parent, whose path is the same.
func (v *Value) adopt(child *Value, name string) {
	if child.parent != nil {
		c := *child
		c.origin = child.written()
		child = &c
	}
	child.name = name
	v.add(child)
}

// Overlay returns base with what differs in after, a tree of plain Go values
// as JSON decodes them, laid over it. Values that did not change keep their
// place; changed ones get at. It turns the result of a library's --set parser
// back into a tree with places.
func Overlay(base *Value, after any, at finding.Location) *Value {
	return placed(overlay(base, after, at), base)
}

func overlay(base *Value, after any, at finding.Location) *Value {
	if items, isList := after.([]any); isList && base != nil && base.Kind == List && !same(base, after) {
		return overlayItems(base, items, at)
	}
	fields, isMap := after.(map[string]any)
	if !isMap || base == nil || base.Kind != Map {
		if base != nil && same(base, after) {
			return base
		}
		return fromGo(after, at)
	}
	out := &Value{Kind: Map, place: base.place, key: base.key, name: base.name, origin: base.written()}
	for _, f := range base.fields {
		if now, kept := fields[f.name]; kept {
			out.adopt(overlay(f, now, at), f.name)
		}
	}
	for _, name := range sortedKeys(fields) {
		if base.byName[name] == nil {
			out.adopt(fromGo(fields[name], at), name)
		}
	}
	return out
}

// overlayItems is overlay for a list, of which an expression such as env[0].name
// changes one item only.
func overlayItems(base *Value, items []any, at finding.Location) *Value {
	out := &Value{Kind: List, place: base.place, key: base.key, name: base.name, origin: base.written()}
	for i, item := range items {
		if i < len(base.fields) {
			out.adopt(overlay(base.fields[i], item, at), "")
		} else {
			out.adopt(fromGo(item, at), "")
		}
	}
	return out
}

func same(v *Value, after any) bool {
	a, errA := json.Marshal(v.Any())
	b, errB := json.Marshal(after)
	return errA == nil && errB == nil && string(a) == string(b)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func fromGo(in any, at finding.Location) *Value {
	v := &Value{place: at, key: at, under: at.Path}
	switch x := in.(type) {
	case nil:
	case map[string]any:
		v.Kind = Map
		for _, name := range sortedKeys(x) {
			v.adopt(fromGo(x[name], at), name)
		}
	case []any:
		v.Kind = List
		for _, item := range x {
			v.adopt(fromGo(item, at), "")
		}
	case string:
		v.Kind, v.Text, v.Style = String, x, Quoted
	case bool:
		v.Kind, v.Text = Bool, strconv.FormatBool(x)
	case float64:
		v.Kind, v.Text = Float, strconv.FormatFloat(x, 'g', -1, 64)
		if x == float64(int64(x)) {
			v.Kind, v.Text = Int, strconv.FormatInt(int64(x), 10)
		}
	case json.Number:
		v.Kind, v.Text = Int, x.String()
		if strings.ContainsAny(v.Text, ".eE") {
			v.Kind = Float
		}
	default:
		v.Kind, v.Text = Int, fmt.Sprint(x)
	}
	return v
}

// Any returns the value as plain Go values, as JSON would decode it: maps
// with string keys, []any, string, bool, int64, uint64
// for what is larger, float64 and nil.
func (v *Value) Any() any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case Map:
		out := make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			out[f.name] = f.Any()
		}
		return out
	case List:
		out := make([]any, 0, len(v.fields))
		for _, f := range v.fields {
			out = append(out, f.Any())
		}
		return out
	case Bool:
		return truthy(v.Text)
	case Int:
		return v.integer()
	case Float:
		return v.number()
	case Null:
		return nil
	default:
		return v.Text
	}
}

func (v *Value) integer() any {
	text := strings.ReplaceAll(v.Text, "_", "")
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 0, 64); err == nil {
		return n
	}
	return v.number()
}

// number falls back to the text for what JSON cannot hold, such as .inf.
func (v *Value) number() any {
	if f, err := strconv.ParseFloat(strings.ReplaceAll(v.Text, "_", ""), 64); err == nil {
		return f
	}
	return v.Text
}

// JSON encodes the value; the bytes are what Helm and istioctl would see.
func (v *Value) JSON() ([]byte, error) {
	out, err := json.Marshal(v.Any())
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", v.Path(), err)
	}
	return out, nil
}

// YAML encodes the value with sorted keys.
func (v *Value) YAML() ([]byte, error) {
	out, err := yaml.Marshal(v.Any())
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", v.Path(), err)
	}
	return out, nil
}

// Prune returns the tree without the values for which drop is true, and
// without the maps and lists that held nothing else. The input is not changed.
func (v *Value) Prune(drop func(*Value) bool) *Value {
	if v == nil || drop(v) {
		return nil
	}
	if len(v.fields) == 0 {
		return v
	}
	out := &Value{Kind: v.Kind, place: v.place, key: v.key, name: v.name, parent: v.parent, index: v.index}
	for _, f := range v.fields {
		if kept := f.Prune(drop); kept != nil {
			out.adopt(kept, f.name)
		}
	}
	if len(out.fields) == 0 && v.parent != nil {
		return nil
	}
	return out
}

// Leaves lists the scalars, and the maps and lists that hold nothing.
func (v *Value) Leaves() []*Value {
	if v == nil {
		return nil
	}
	if len(v.fields) == 0 {
		return []*Value{v}
	}
	var out []*Value
	for _, f := range v.fields {
		out = append(out, f.Leaves()...)
	}
	return out
}
