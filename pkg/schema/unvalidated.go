package schema

import (
	"maps"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// unvalidatedTree is what may stand below spec.unvalidatedValues, which
// istioctl lays over spec.values after it has checked those: the values of
// all charts that it installs, as the charts take them. Those of the gateways
// are left open, as no chart of their own says what it takes.
func unvalidatedTree() *node {
	root := *surfaceTree(facts.Chart("istiod"))
	root.fields, root.wrappers, root.custom = maps.Clone(root.fields), nil, true
	for _, chart := range []string{"base", "cni"} {
		if theirs, ok := surfaceTree(facts.Chart(chart)).child(chart); ok {
			root.fields[chart] = union(theirs, orEmpty(root.fields[chart]))
		}
	}
	root.fields["ztunnel"] = surfaceTree(facts.Chart("ztunnel"))
	root.fields["gateways"] = &node{}
	return loosely(&root, surfaceTree(facts.Values))
}

func orEmpty(n *node) *node {
	if n == nil {
		return &node{shape: object}
	}
	return n
}

// loosely adds the fields that only istioctl knows, whatever their value:
// it does not decode them here.
func loosely(n, known *node) *node {
	if n.shape != object || known.shape != object {
		return n
	}
	out := *n
	out.fields = maps.Clone(n.fields)
	for name, f := range known.fields {
		if mine, ok := out.child(name); ok {
			if _, own := out.fields[name]; own {
				out.fields[name] = loosely(mine, f)
			}
			continue
		}
		out.fields[name] = &node{fact: f.fact}
	}
	return &out
}

// forOtherCharts says that a spec brings charts of its own, whose templates
// may read anything.
func forOtherCharts(f *document.Value) bool {
	return f.Name() == "unvalidatedValues" && f.Parent().Str("installPackagePath") != ""
}
