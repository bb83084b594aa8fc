package files

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
)

// header says what an object is.
type header struct{ apiVersion, kind string }

func (h header) group() string {
	group, _, _ := strings.Cut(h.apiVersion, "/")
	return group
}

func (h header) groupKind() schema.GroupKind {
	group, _, grouped := strings.Cut(h.apiVersion, "/")
	if !grouped {
		group = "" // the core group's version stands alone
	}
	return schema.GroupKind{Group: group, Kind: h.kind}
}

// listed says whether an object is a list, and what its items are that do not
// say it themselves: kubectl writes the kind List, others write that of the
// items with List behind it, as ServiceList.
func listed(apiVersion, kind string) (items header, ok bool) {
	name, ok := strings.CutSuffix(kind, "List")
	return header{apiVersion, name}, ok && apiVersion != ""
}

// headerOf is what an item says it is, or else its list. Both parts count
// together, as for kubectl.
func headerOf(apiVersion, kind string, list header) header {
	if apiVersion == "" && kind == "" {
		return list
	}
	return header{apiVersion, kind}
}

// isList says whether a value is a list of objects.
func isList(v *document.Value) bool {
	_, ok := listed(v.Str("apiVersion"), v.Str("kind"))
	return ok && v.Field("items") != nil
}
