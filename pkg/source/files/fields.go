package files

import (
	"path"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
	own "github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// fieldsOf are the fields that objects of each kind may have.
func fieldsOf(kinds map[schema.GroupKind]snapshot.Kind) map[schema.GroupKind]*document.Fields {
	types, out := own.NewObjectFields(), map[schema.GroupKind]*document.Fields{}
	for name, k := range kinds {
		out[name] = types.Of(k.Type)
	}
	return out
}

// fieldsAt are the fields of a kind in a version; nil where they are not known.
func (c *collector) fieldsAt(k snapshot.Kind, apiVersion string) *document.Fields {
	if !k.HasFieldsOf(path.Base(apiVersion)) {
		return nil
	}
	return c.fields[k.GroupKind()]
}

// taken says whether an object was read from a cluster, which gives each a uid.
func taken(v *document.Value) bool { return v.Str("metadata", "uid") != "" }

// misspelt records the fields of an object that its kind does not have.
func (b *batch) misspelt(k snapshot.Kind, o snapshot.Object, v *document.Value, fields *document.Fields) {
	v.EachUnknown(fields, func(field *document.Value, in *document.Fields) {
		var free []string
		for name := range in.Known {
			if field.Parent().Field(name) == nil {
				free = append(free, name)
			}
		}
		slices.Sort(free)
		at := field.KeyLocation()
		at.Object = snapshot.KeyOf(o).String()
		b.unknown = append(b.unknown, snapshot.UnknownField{At: at, Group: k.Group, Kind: k.Kind, Name: field.Name(), Meant: own.Suggest(field.Name(), free), Taken: taken(v)})
	})
}
