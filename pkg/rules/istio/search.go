package istio

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strconv"

	"istio.io/istio/pkg/config"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const (
	// maxTried is how many bytes of objects are validated anew to find places,
	// in all: a mesh may be full of invalid objects.
	maxTried = 32 << 20
	// maxEach is up to how many items of a list each is left out alone; of a
	// longer one halves are.
	maxEach = 16
)

// search finds where in an object something is that a message of Istio's
// validation is about: the smallest part without which it is not said. This
// holds for every message, whatever it names.
type search struct {
	origin *origin
	text   string
	left   *int // bytes that may still be tried
	tree   any
	base   map[string]int // how often each message is said
}

// newSearch is nil where the object cannot be tried.
func newSearch(o *origin, text string, left *int) *search {
	s := &search{origin: o, text: text, left: left}
	encoded, err := json.Marshal(o.object)
	if err != nil || json.Unmarshal(encoded, &s.tree) != nil {
		return nil
	}
	if s.base = s.said(s.tree); s.base[text] == 0 {
		return nil
	}
	o.FieldMap()
	return s
}

// complaintsOf are what Istio's validation says of the content of an object.
func complaintsOf(err error) []string {
	var out []string
	if list, ok := err.(interface{ WrappedErrors() []error }); ok {
		for _, one := range list.WrappedErrors() {
			out = append(out, one.Error())
		}
	} else if err != nil {
		out = append(out, err.Error())
	}
	return out
}

// place is the path of the part that the message is about; "" where that is the
// whole object. Of a message that is said several times the number counts.
func (s *search) place(number int) string {
	i := slices.IndexFunc(s.origin.values, func(v *document.Value) bool { return v.Path() == "spec" })
	if i < 0 {
		return ""
	}
	at, steps, count := s.origin.values[i], []string{"spec"}, s.base[s.text]
	for {
		items, last := s.shorten(at.Items(), steps, &number)
		next := strconv.Itoa(len(items) - 1)
		if count = min(count, s.base[s.text]); !last {
			next = s.pick(at, len(items), steps, &number, &count)
		}
		if next == "" {
			break
		}
		if at.Kind == document.List {
			i, _ := strconv.Atoi(next)
			at = items[i]
		} else {
			at = at.Field(next)
		}
		steps = append(steps, next)
	}
	if len(steps) == 1 || *s.left < 0 {
		return ""
	}
	return at.Path()
}

// needs says whether the message is not said without a value.
func (s *search) needs(v *document.Value) bool {
	steps := stepsTo(v)
	less, _ := s.without(steps[:len(steps)-1], steps[len(steps)-1:])
	return less > 0
}

// stepsTo are the names and numbers that lead to a value.
func stepsTo(v *document.Value) []string {
	parent := v.Parent()
	switch {
	case parent == nil:
		return nil
	case parent.Kind == document.List:
		return append(stepsTo(parent), strconv.Itoa(slices.Index(parent.Items(), v)))
	}
	return append(stepsTo(parent), v.Name())
}

// said validates a content anew; nil where it cannot be read, or enough was
// tried.
func (s *search) said(tree any) map[string]int {
	text, err := json.Marshal(tree)
	if *s.left -= len(text); err != nil || *s.left < 0 {
		return nil
	}
	object := reflect.New(reflect.TypeOf(s.origin.object).Elem()).Interface().(snapshot.Object)
	if err := json.Unmarshal(text, object); err != nil {
		return nil
	}
	message := messageOf(object, s.origin.schema)
	if message == nil {
		return nil
	}
	warnings, err := s.origin.schema.ValidateConfig(config.Config{Meta: config.Meta{Name: object.GetName(), Namespace: object.GetNamespace()}, Spec: message})
	out := map[string]int{}
	for _, text := range append(complaintsOf(err), complaintsOf(warnings)...) {
		out[text]++
	}
	return out
}

// without says how much less often the message is said where parts of a value are
// left out, and whether nothing else is said instead.
func (s *search) without(steps, parts []string) (less int, clean bool) {
	t := s.trial(steps, parts)
	if t.said == nil {
		return 0, false
	}
	clean = true
	for other, n := range t.said {
		clean = clean && n <= s.base[other]
	}
	return s.base[s.text] - t.said[s.text], clean
}

// trial is a content without some parts, and what is said of it: nil where it
// could not be tried.
type trial struct {
	tree any
	said map[string]int
}

func (s *search) trial(steps, parts []string) trial {
	tree := cut(s.tree, steps, parts)
	return trial{tree, s.said(tree)}
}

// pick is the part of a value that the message is about; "" where it is about
// several, or about what is not there. Parts of a list that do not go together,
// such as two of one name, are called by the last, and so are fields of the
// object itself.
func (s *search) pick(at *document.Value, items int, steps []string, number, count *int) string {
	parts := numbers(0, items)
	for _, f := range at.Fields() {
		parts = append(parts, f.Name())
	}
	less, some := map[string]int{}, map[bool][]string{}
	for _, part := range parts {
		if n, clean := s.without(steps, []string{part}); n > 0 {
			less[part] = n
			some[clean] = append(some[clean], part)
		}
	}
	found := some[true]
	if len(found) == 0 {
		found = some[false]
	}
	sum := 0
	for _, part := range found {
		sum += less[part]
	}
	switch {
	case len(found) == 0 || len(found) > 1 && sum != *count && at.Kind != document.List && len(steps) > 1:
		return ""
	case len(found) > 1 && sum == *count && *count > 1: // each has its own
		for _, part := range found {
			if *number < less[part] {
				*count = less[part]
				return part
			}
			*number -= less[part]
		}
	}
	last := found[len(found)-1]
	*count = less[last]
	return last
}

// shorten leaves out halves of a long list for good while the message is still
// said, and the number is counted on among what stays. Where it takes items of
// both halves, the list ends with the last that it takes.
func (s *search) shorten(items []*document.Value, steps []string, number *int) (short []*document.Value, last bool) {
	for len(items) > maxEach {
		half, all := len(items)/2, len(items)
		first, later := s.trial(steps, numbers(half, all)), s.trial(steps, numbers(0, half))
		switch n, m := first.said[s.text], later.said[s.text]; {
		case n == 0 && m == 0:
			n := 1 + sort.Search(all, func(n int) bool { return s.trial(steps, numbers(n+1, all)).said[s.text] > 0 })
			s.tree = cut(s.tree, steps, numbers(n, all))
			return items[:min(n, all)], true
		case m == 0 || n+m == s.base[s.text] && *number < n:
			s.tree, s.base, items = first.tree, first.said, items[:half]
		default:
			s.tree, s.base, items = later.tree, later.said, items[half:]
			*number = max(0, *number-n)
		}
	}
	return items, false
}

// numbers are the names of items of a list.
func numbers(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// cut copies a tree without some parts of the value that the steps lead to.
func cut(tree any, steps, parts []string) any {
	switch node := tree.(type) {
	case map[string]any:
		out := maps.Clone(node)
		if len(steps) > 0 {
			out[steps[0]] = cut(node[steps[0]], steps[1:], parts)
			return out
		}
		for _, part := range parts {
			delete(out, part)
		}
		return out
	case []any:
		if len(steps) > 0 {
			i, _ := strconv.Atoi(steps[0])
			out := slices.Clone(node)
			out[i] = cut(node[i], steps[1:], parts)
			return out
		}
		gone := map[string]bool{}
		for _, part := range parts {
			gone[part] = true
		}
		out := []any{}
		for i, item := range node {
			if !gone[strconv.Itoa(i)] {
				out = append(out, item)
			}
		}
		return out
	}
	return tree
}
