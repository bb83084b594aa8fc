package traffic

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingSubset() *rule.Rule {
	return &rule.Rule{
		ID: "DR001", Name: "missing-subset", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(workloadParts(snapshot.VirtualServices, snapshot.DestinationRules, snapshot.Gateways)...),
		Summary: "A route leads to a subset that no DestinationRule of its clients defines, or that is added together with it.",
		Why:     "Proxies answer 503 for a route to a subset that they do not know, and those that get the route before the subset do so until it arrives.",
		Fix:     "Define the subset in the DestinationRule that clients look up, apply it first, wait for the proxies to have it, and only then apply the route.",
		Hints:   []string{"D1"}, Equivalents: []string{"IST0101", "KIA1107"},
		Run: func(p *rule.Pass) {
			s := subsets{Pass: p, mesh: mesh.Of(p.Snapshot)}
			s.own = ownRoutes(s.mesh)
			s.whole, _ = p.Has(snapshot.Whole)
			for _, v := range s.mesh.Routing() {
				for _, l := range legs(v) {
					if l.to.GetSubset() != "" {
						s.routes++
						s.judge(v, l)
					}
				}
			}
			s.order()
			p.Lookedf("%s, all to subsets that their clients know", finding.Count(s.routes, "route to subsets"))
		},
	}
}

// maxOverriding is how many namespaces with rules of their own are looked at.
const maxOverriding = 20

// subsets is one run.
type subsets struct {
	*rule.Pass
	mesh   *mesh.Mesh
	whole  bool
	routes int
	// own are the hosts for which a namespace has routes that only it sees.
	own map[[2]string]bool
	// together are the rules that files add together with routes to them.
	together []together
}

// lack is a client that does not know a subset, and what it works with instead.
type lack struct {
	client
	instead []*mesh.DestinationRule
}

// judge looks up the subset of a route for everyone who takes it.
func (s *subsets) judge(v *mesh.VirtualService, l leg) {
	host, subset := s.mesh.FQDN(l.to.GetHost(), v.Namespace), l.to.GetSubset()
	everybody := append(clients(s.mesh, v, l), s.overriding(v, l, host)...)
	var lacking []lack
	for _, c := range everybody {
		rules, found := s.lookup(host, subset, c)
		if found == nil {
			lacking = append(lacking, lack{c, rules})
			continue
		}
		s.adds(v, l, found)
	}
	switch {
	case len(lacking) == 0:
	case len(lacking) == len(everybody):
		s.nobody(v, l, host, worst(lacking).instead)
	default:
		s.some(v, l, host, worst(lacking))
	}
}

// worst is one that works with another rule, which proves that the subset is
// not there.
func worst(lacking []lack) lack {
	return lacking[max(0, slices.IndexFunc(lacking, func(l lack) bool { return len(l.instead) > 0 }))]
}

// overriding are the clients in namespaces that have a rule of their own for
// the host, which counts there, and no route of their own.
func (s *subsets) overriding(v *mesh.VirtualService, l leg, host string) []client {
	if !v.Mesh() || !v.Visible.All() || !l.takes(mesh.MeshGateway) || l.sources != nil {
		return nil
	}
	var out []client
	for _, r := range s.mesh.RulesOf(host) {
		if r.Namespace == v.Namespace || r.Namespace == s.mesh.Root || len(out) == maxOverriding || r.Spec.GetWorkloadSelector() != nil || s.own[[2]string{v.Hosts[0], r.Namespace}] {
			continue
		}
		out = append(out, client{name: "sidecars in namespace " + r.Namespace, oneOf: []string{r.Namespace}})
	}
	return out
}

// lookup finds the rule that defines a subset for a client, and else those that
// the client works with.
func (s *subsets) lookup(host, subset string, c client) (rules []*mesh.DestinationRule, found *mesh.DestinationRule) {
	for _, namespace := range c.oneOf {
		seen := s.mesh.RulesFor(host, s.owner(host, namespace), namespace)
		if i := slices.IndexFunc(seen, func(r *mesh.DestinationRule) bool { return defines(r, subset) }); i >= 0 {
			return nil, seen[i]
		}
		rules = append(rules, seen...)
	}
	return rules, nil
}

// owner is the namespace of a service.
func (s *subsets) owner(host, client string) string { return ownerOf(s.mesh, host, client) }

// ownerOf is the namespace of a service as a client sees it; for a Kubernetes
// service that the picture lacks, the one that the name tells.
func ownerOf(m *mesh.Mesh, host, client string) string {
	if seen := m.Lookup(host, client); len(seen) > 0 {
		return seen[0].Namespace
	}
	_, namespace, _ := m.Split(host)
	return namespace
}

func defines(r *mesh.DestinationRule, subset string) bool {
	for _, s := range r.Spec.GetSubsets() {
		if s.GetName() == subset {
			return true
		}
	}
	return false
}

// nobody reports a subset that no client of the route knows.
func (s *subsets) nobody(v *mesh.VirtualService, l leg, host string, instead []*mesh.DestinationRule) {
	subset := l.to.GetSubset()
	at := snapshot.Place(v.VirtualService, l.path+".subset")
	switch elsewhere := defining(s.mesh.RulesOf(host), subset); {
	case len(instead) > 0 && (s.whole || slices.ContainsFunc(instead, func(r *mesh.DestinationRule) bool { return r.Host == host })):
		r := instead[0]
		s.Reportf(at, "%s has no subset %q: its clients work with %s, which %s; requests get 503", host, subset, name(r), listed(r))
	case !s.whole:
		s.Undecidedf("a DestinationRule with subset %s of %s may exist outside of the files", subset, host)
	case elsewhere != nil:
		s.Reportf(at, "no client of this route takes subset %q of %s: %s defines it, but %s; requests get 503", subset, host, name(elsewhere), unseen(s.mesh, elsewhere, host))
	default:
		s.Reportf(at, "no DestinationRule for %s defines subset %q; requests get 503", host, subset)
	}
}

// some reports a subset that one of several clients does not know.
func (s *subsets) some(v *mesh.VirtualService, l leg, host string, c lack) {
	at, subset := snapshot.Place(v.VirtualService, l.path+".subset"), l.to.GetSubset()
	switch {
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
