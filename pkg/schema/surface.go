package schema

import (
	"maps"
	"strings"
	"sync"

	"github.com/meshctl/meshctl/pkg/facts"
)

// trees caches one tree a surface. It is a cache of immutable values, filled
// on first use because most runs need two or three of fifteen surfaces.
var trees, ownTrees sync.Map

func surfaceTree(s facts.Surface) *node { return cached(&trees, s, build) }

// ownTree is what the table says about a surface alone.
func ownTree(s facts.Surface) *node { return cached(&ownTrees, s, tree) }

func cached(in *sync.Map, s facts.Surface, make func(facts.Surface) *node) *node {
	if t, ok := in.Load(s); ok {
		return t.(*node)
	}
	t, _ := in.LoadOrStore(s, make(s))
	return t.(*node)
}

func build(s facts.Surface) *node {
	switch s {
	case facts.Spec:
		n := tree(s)
		n.fields["values"] = surfaceTree(facts.Values).under(n.fields["values"])
		n.fields["meshConfig"] = surfaceTree(facts.MeshConfig).under(n.fields["meshConfig"])
		n.fields["unvalidatedValues"].held = facts.Unvalidated
		refineSpec(n)
		return n
	case facts.MeshConfig:
		return meshTree()
	case facts.Unvalidated:
		return unvalidatedTree()
	}
	n := tree(s)
	if s == facts.Values {
		typeValues(n)
		refineValues(n)
		n.fields["ztunnel"] = surfaceTree(facts.Chart("ztunnel")).under(n.fields["ztunnel"])
		bury(n)
	}
	if s == facts.Values || s == facts.Chart("istiod") {
		n.fields["meshConfig"] = surfaceTree(facts.MeshConfig).under(n.fields["meshConfig"])
	}
	if strings.HasPrefix(string(s), "helm:") {
		borrow(n, s)
		refineChart(n, s)
		if s == facts.Chart("gateway") {
			own(n)
		}
		shared(n)
	}
	return n
}

// whole is the tree of the surface that a field holds, or the field itself.
func (n *node) whole() *node {
	if n.held == "" {
		return n
	}
	return surfaceTree(n.held)
}

// under is a surface as a field of another one, whose row says the rest.
func (n *node) under(field *node) *node {
	if field == nil || field.fact == nil {
		return n
	}
	out := *n
	out.fact = field.fact
	return &out
}

// shared adds what every chart takes: the three names that select bundled
// settings, the charts' wrapper of their own defaults, and the globals of the
// other charts, because one file of globals is commonly given to all of them.
func shared(n *node) {
	for _, name := range []string{"profile", "platform", "compatibilityVersion"} {
		if _, ok := n.fields[name]; !ok {
			n.fields[name] = &node{shape: text, lenient: true}
		}
	}
	for _, chart := range facts.Charts() {
		theirs, ok := ownTree(facts.Chart(chart)).child("global")
		if mine := n.fields["global"]; ok && mine != nil {
			n.fields["global"] = union(mine, theirs)
		} else if ok {
			n.fields["global"] = theirs
		}
	}
	inner := *n
	inner.fields = maps.Clone(n.fields)
	n.wrappers = map[string]*node{}
	for _, name := range Wrappers() {
		n.wrappers[name] = &inner
		delete(n.fields, name)
	}
}

// Wrappers are the keys below which the charts keep their own defaults: the
// first in 1.21 to 1.23, the second since. A rule of its own speaks of them.
func Wrappers() []string { return []string{"defaults", "_internal_defaults_do_not_set"} }

// union joins two maps of fields without changing either. Where both know a
// field, the one that lives longer wins.
func union(a, b *node) *node {
	if a.shape != object || b.shape != object {
		return a
	}
	out := *a
	out.fields = map[string]*node{}
	for name, f := range a.fields {
		out.fields[name] = f
	}
	for name, f := range b.fields {
		switch mine := out.fields[name]; {
		case mine == nil:
			out.fields[name] = f
		case gone(mine) && !gone(f):
			out.fields[name] = f
		case gone(mine) == gone(f):
			out.fields[name] = union(mine, f)
		}
	}
	return &out
}

func gone(n *node) bool { return n.fact != nil && n.fact.Removed.Known() }
