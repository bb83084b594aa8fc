package rendered

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// byOverlay returns the patch that makes a problem which is not there before
// overlays are applied; nil where the cause is another, or is among the values
// found already. Without a name the object may vanish, and the problem with
// it, so that rendering alone blames the name.
func byOverlay(r *snapshot.Rendering, causes []*document.Value, check func([]snapshot.Manifest) []problem, found problem) *document.Value {
	key := snapshot.KeyOf(found.object)
	if r.Plain == nil || slices.ContainsFunc(causes, inOverlay) || snapshot.Find(r.Plain, key) == nil {
		return nil
	}
	for _, before := range check(r.Plain) {
		if snapshot.KeyOf(before.object) == key && before.path == found.path {
			return nil
		}
	}
	var patches []*document.Value
	for _, c := range overlaid(r.Config) {
		for _, o := range c.overlays {
			if o.Str("kind") == found.object.GetKind() && o.Str("name") == found.object.GetName() {
				patches = append(patches, o.Field("patches").Items()...)
			}
		}
	}
	for _, patch := range patches {
		if len(patches) == 1 || touches(patch.Str("path"), found.path) {
			return patch.Field("path")
		}
	}
	return nil
}

func inOverlay(v *document.Value) bool { return strings.Contains(v.Path(), ".overlays[") }

// touches compares paths by the names in them: an overlay picks items of
// lists by name, a problem by number.
func touches(patch, path string) bool {
	names := func(s string) []string {
		var out []string
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '.' || r == '/' }) {
			if part, _, _ = strings.Cut(part, "["); part != "" {
				out = append(out, part)
			}
		}
		return out
	}
	a, b := names(patch), names(path)
	n := min(len(a), len(b))
	return n > 0 && slices.Equal(a[:n], b[:n])
}
