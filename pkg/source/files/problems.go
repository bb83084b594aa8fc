package files

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
)

// broken says whether anything is wrong with a document.
func broken(d *document.Document) bool { return len(d.Problems) > 0 }

// unread says whether something of a document could not be read, and not only
// that it holds nothing of ours.
func unread(d *document.Document) bool {
	return slices.ContainsFunc(d.Problems, func(p document.Problem) bool {
		return p.Kind != document.Empty && p.Kind != document.NotOurs && !repeats(p)
	})
}

// readable says whether the objects of a document can be told.
func readable(d *document.Document) bool {
	return d.Root != nil && !slices.ContainsFunc(d.Problems, func(p document.Problem) bool { return !repeats(p) })
}

// repeats says that a key stands twice, of which the last one counts, as for
// kubectl. Where that is one of those that say what an object is, two were
// pasted together.
func repeats(p document.Problem) bool {
	return p.Kind == document.DuplicateKey && p.Key != "apiVersion" && p.Key != "kind"
}

// ours says whether something is wrong with a document of objects that were to
// be looked at, so that it must not pass for one of another kind.
func (c *collector) ours(d *document.Document) bool {
	return broken(d) && (d.Root == nil || c.holds(d.Root, header{}))
}

// holds says whether a value is an object of a kind that is known, or a list
// with one.
func (c *collector) holds(v *document.Value, of header) bool {
	h := headerOf(v.Str("apiVersion"), v.Str("kind"), of)
	if isList(v) {
		items, _ := listed(h.apiVersion, h.kind)
		return slices.ContainsFunc(v.Field("items").Items(), func(item *document.Value) bool { return c.holds(item, items) })
	}
	_, known := c.kinds[h.groupKind()]
	return known
}
