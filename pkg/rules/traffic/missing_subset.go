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
			s := subsets{Pass: p, mesh: mesh.Of(p.Snapshot), pairs: map[[2]string]int{}}
			s.own = ownRoutes(s.mesh)
			s.whole, _ = p.Has(snapshot.Whole)
			for _, v := range routes(s.mesh) {
				for _, l := range v.legs {
					if l.to.GetSubset() != "" {
						s.routes++
						s.judge(v.VirtualService, l)
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
	pairs    map[[2]string]int // their numbers, by the names of route and rule
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
	if seen := m.Sees(host, client); seen != nil {
		return seen.Namespace
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
