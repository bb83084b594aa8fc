package files

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
)

// broken says whether anything is wrong with a document.
func broken(d *document.Document) bool { return len(d.Problems) > 0 }

// unread says whether something of a document could not be read, and
// not only that it holds nothing of ours.
func unread(d *document.Document) bool {
	return slices.ContainsFunc(d.Problems, func(p document.Problem) bool { return p.Kind != document.Empty && p.Kind != document.NotOurs })
}

// withoutBroken takes the documents of objects that hold something twice, or
// expressions of a template: what is right in them cannot be told from what is
// not. It returns the others.
func (c *collector) withoutBroken(docs []*document.Document) []*document.Document {
	return slices.DeleteFunc(docs, func(d *document.Document) bool {
		group, _, _ := strings.Cut(d.Root.Str("apiVersion"), "/")
		k, known := c.kinds[schema.GroupKind{Group: group, Kind: d.Root.Str("kind")}]
		if !known || !k.Custom || !broken(d) {
			return false
		}
		c.snap.Documents = append(c.snap.Documents, d)
		return true
	})
}
