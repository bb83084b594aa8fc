package access

import (
	"slices"

	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func gatewayLocked() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ001", Name: "gateway-locked", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: gateways(),
		Summary: "An ALLOW policy for a whole namespace or the mesh is in force for a gateway too, and no policy lets its clients in.",
		Why:     "Where an ALLOW policy is in force, what none of them allows is refused, so that clients from outside get 403.",
		Fix:     "Add an ALLOW policy that selects the gateway, or give the policy a selector that leaves the gateway out.",
		Hints:   []string{"P3"},
		Run: func(p *rule.Pass) {
			m, locked, edges := mesh.Of(p.Snapshot), map[string][]string{}, 0
			for _, e := range m.Edges() {
				if !serves(p, e) {
					continue
				}
				edges++
				if !open(m, e) {
					for _, space := range slices.Compact([]string{m.Root, e.Namespace}) {
						locked[space] = append(locked[space], e.String())
					}
				}
			}
			for space, who := range locked {
				some := rule.Some(who)
				for _, policy := range m.PlainPolicies(space) {
					if policy.Spec.GetAction() == api.AuthorizationPolicy_ALLOW {
						p.Reportf(snapshot.Place(policy, "spec"), "%s, is in force for %s too, and no policy%s lets clients from outside in; add an ALLOW policy that selects the gateway",
							lets(policy), some, seen(p))
					}
				}
			}
			p.Lookedf("%s, none locked by a policy for others", finding.Count(edges, "gateway"))
		},
	}
}

// serves says whether a gateway has clients from outside its mesh.
func serves(p *rule.Pass, e *mesh.Edge) bool {
	if e.Class != mesh.EdgeClass || e.BetweenNetworks() {
		return false
	}
	whole, _ := p.Has(snapshot.Whole)
	return e.Kubernetes != nil || len(e.Gateways) > 0 || !whole
}

// seen limits what is said about policies to those that were read.
func seen(p *rule.Pass) string {
	if whole, _ := p.Has(snapshot.Whole); whole {
		return ""
	}
	return " in these files"
}

// open says whether the ALLOW policies in force for a gateway let some of its
// clients in, or there are none.
func open(m *mesh.Mesh, e *mesh.Edge) bool {
	closed := false
	for _, list := range [][]*mesh.Authorization{m.PoliciesFor(e), m.PlainPolicies(m.Root), m.PlainPolicies(e.Namespace)} {
		for _, p := range list {
			if p.Spec.GetAction() != api.AuthorizationPolicy_ALLOW {
				continue
			}
			if admits(p, e) {
				return true
			}
			closed = true
		}
	}
	return !closed
}

// admits says whether some request from outside passes an ALLOW policy.
func admits(p *mesh.Authorization, e *mesh.Edge) bool {
	for i, r := range p.Spec.GetRules() {
		if _, needed := needsIdentity(i, r); !needed || e.ShowsPeers() != mesh.No {
			return true
		}
	}
	return false
}

func lets(p *mesh.Authorization) string {
	if len(p.Spec.GetRules()) == 0 {
		return "this policy, which allows nothing"
	}
	var names []string
	for _, c := range allClauses(p) {
		if c.identity() && !c.negative {
			names = append(names, c.name)
		}
	}
	slices.Sort(names)
	return "this policy, which allows only peers with a certificate of the mesh (" + rule.Some(names) + ")"
}
