package meshconfig

import (
	"errors"
	"regexp"

	"github.com/hashicorp/go-multierror"

	"github.com/meshctl/meshctl/pkg/document"
)

// tree is a part of a document and the values in it that are left out.
type tree struct {
	root *document.Value
	out  map[*document.Value]bool
}

// without leaves one more value out.
func (t tree) without(v *document.Value) tree {
	out := map[*document.Value]bool{v: true}
	for o := range t.out {
		out[o] = true
	}
	return tree{t.root, out}
}

// plain returns the values that are left, as JSON decodes them. Nulls stand
// for the default, which Helm puts there.
func (t tree) plain(v *document.Value) any {
	switch v.Kind {
	case document.Map:
		fields := map[string]any{}
		for _, f := range v.Fields() {
			if !t.out[f] && f.Kind != document.Null {
				fields[f.Name()] = t.plain(f)
			}
		}
		return fields
	case document.List:
		items := []any{}
		for _, item := range v.Items() {
			if !t.out[item] {
				items = append(items, t.plain(item))
			}
		}
		return items
	}
	return v.Any()
}

// check is a validation that somebody else wrote: it says what is wrong with
// plain values, but not where.
type check func(values any) []string

// blame finds the place of a complaint: the deepest value without which it is
// not made. Where any of several values ends it, they are wrong together, and
// the place is the value that holds them.
func blame(t tree, v *document.Value, c check, complaint string) *document.Value {
	var guilty *document.Value
	for _, child := range append(v.Fields(), v.Items()...) {
		if t.out[child] || complains(c(t.without(child).values()), complaint) {
			continue
		}
		if guilty != nil {
			return v
		}
		guilty = child
	}
	if guilty == nil {
		return v
	}
	return blame(t, guilty, c, complaint)
}

func (t tree) values() any { return t.plain(t.root) }

// indexes are positions in lists: they move when an item is left out.
var indexes = regexp.MustCompile(`\[\d+\]`)

func complains(found []string, complaint string) bool {
	for _, f := range found {
		if indexes.ReplaceAllString(f, "") == indexes.ReplaceAllString(complaint, "") {
			return true
		}
	}
	return false
}

// texts flattens an error into its single complaints, each once.
func texts(err error) []string {
	var out []string
	var several *multierror.Error
	switch {
	case err == nil:
	case errors.As(err, &several):
		for _, one := range several.Errors {
			out = append(out, texts(one)...)
		}
	default:
		out = append(out, err.Error())
	}
	return out
}
