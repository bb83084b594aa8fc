package traffic

import (
	"cmp"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// nobody reports a subset that no client of the route knows.
func (s *subsets) nobody(v *mesh.VirtualService, l leg, host string, instead []*mesh.DestinationRule) {
	subset := l.to.GetSubset()
	at := snapshot.Place(v.VirtualService, l.path()+".subset")
	switch elsewhere := defining(s.mesh.RulesOf(host), subset); {
	case len(instead) > 0 && s.twice(instead[0]):
		s.Undecidedf("%s is in the files more than once: which of them is to hold nobody knows", name(instead[0]))
	case len(instead) > 0 && (s.whole || slices.ContainsFunc(instead, func(r *mesh.DestinationRule) bool { return r.Host == host })):
		r := instead[0]
		s.Reportf(at, "%s has no subset %q: its clients work with %s, which %s; requests get 503", host, subset, name(r), listed(r))
	case !s.whole:
		s.Undecidedf("a DestinationRule with subset %s of %s may exist outside of the files", subset, host)
	case elsewhere != nil:
		s.Reportf(at, "no client of this route takes subset %q of %s: %s defines it, but %s; requests get 503", subset, host, name(elsewhere), unseen(s.mesh, elsewhere, host))
	case len(s.mesh.ServicesOf(host)) == 0 && !s.mesh.Covered(host): // another rule tells
	default:
		s.Reportf(at, "no DestinationRule for %s defines subset %q; requests get 503", host, subset)
	}
}

// twice says whether files hold alternatives of a rule, as folders of examples
// do.
func (s *subsets) twice(r *mesh.DestinationRule) bool {
	_, found := slices.BinarySearchFunc(s.Replaced, snapshot.KeyOf(r.DestinationRule).String(), func(t snapshot.Twice, key string) int { return cmp.Compare(t.Object, key) })
	return found
}

// some reports a subset that one of several clients does not know.
func (s *subsets) some(v *mesh.VirtualService, l leg, host string, c lack) {
	at, subset := snapshot.Place(v.VirtualService, l.path()+".subset"), l.to.GetSubset()
	switch {
	case len(c.instead) > 0 && s.twice(c.instead[0]):
	case len(c.instead) > 0:
		s.Reportf(at, "%s work with %s for %s, which %s: they get 503 for subset %q", c.name, name(c.instead[0]), host, listed(c.instead[0]), subset).Severity = finding.Warning
	case s.whole:
		s.Reportf(at, "%s see this route, but no DestinationRule that defines subset %q of %s: they get 503; export the rule to them from the service's namespace, or the route to fewer namespaces with exportTo",
			c.name, subset, host).Severity = finding.Warning
	}
}

// ownRoutes are the hosts of VirtualServices for the sidecars of single
// namespaces, which come before those for all.
func ownRoutes(m *mesh.Mesh) map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, v := range m.Routing() {
		if !v.Mesh() || v.Visible.All() {
			continue
		}
		for _, host := range v.Hosts {
			for _, namespace := range v.Visible.Namespaces() {
				out[[2]string{host, namespace}] = true
			}
		}
	}
	return out
}

func defining(rules []*mesh.DestinationRule, subset string) *mesh.DestinationRule {
	if i := slices.IndexFunc(rules, func(r *mesh.DestinationRule) bool { return defines(r, subset) }); i >= 0 {
		return rules[i]
	}
	return nil
}

// unseen says why nobody takes a rule.
func unseen(m *mesh.Mesh, r *mesh.DestinationRule, host string) string {
	if owner := ownerOf(m, host, r.Namespace); r.Namespace != owner && r.Namespace != m.Root {
		return "it stands neither in their namespace nor in the service's nor in " + m.Root
	}
	return "it is not exported to them"
}

// name is how findings call a rule.
func name(r *mesh.DestinationRule) string {
	return "DestinationRule " + r.Namespace + "/" + r.Name
}

// listed says which subsets a rule has.
func listed(r *mesh.DestinationRule) string {
	var names []string
	for _, s := range r.Spec.GetSubsets() {
		names = append(names, s.GetName())
	}
	if len(names) == 0 {
		return "has none"
	}
	return "has only " + rule.First(names)
}
