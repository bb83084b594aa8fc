package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// author tells the user's values from the charts' and the profiles' in a
// merged tree, and finds them where they were written.
type author struct {
	files   map[string]bool
	byPlace map[place]*document.Value
}

func authorOf(c *snapshot.Config) author {
	a := author{map[string]bool{}, map[place]*document.Value{}}
	a.read(c.Root)
	return a
}

func (a author) read(v *document.Value) {
	at := v.Location()
	a.files[at.File] = true
	if at.Line > 0 {
		a.byPlace[placeOf(v)] = v
	}
	for _, f := range v.Fields() {
		a.read(f)
	}
	for _, item := range v.Items() {
		a.read(item)
	}
}

// place tells values apart that begin at the same place: a map and what its
// first key holds.
type place struct {
	file         string
	line, column int
	kind         document.Kind
}

func placeOf(v *document.Value) place {
	at := v.Location()
	return place{at.File, at.Line, at.Column, v.Kind}
}

// wrote says whether a value is the user's.
func (a author) wrote(v *document.Value) bool { return v != nil && a.files[v.Location().File] }

// original is a value as it stands in the user's file, with the path that it
// has there; a merge may have moved it.
func (a author) original(v *document.Value) *document.Value {
	if found := a.byPlace[placeOf(v)]; found != nil {
		return found
	}
	return v
}
