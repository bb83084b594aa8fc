package traffic

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func onlyForSidecars() *rule.Rule {
	return &rule.Rule{
		ID: "VS015", Name: "routes-for-sidecars-only", Category: category, Severity: finding.Info,
		Stages:  analyze(),
		Needs:   []snapshot.Part{snapshot.VirtualServices},
		Summary: "A gateway leads to a host without a subset, and the VirtualService that splits the host into subsets holds for sidecars only.",
		Why:     "A gateway takes the routes that are bound to it and looks for no second VirtualService, so that its requests go to all pods of the host.",
		Fix:     "Write the subset into the route of the gateway too, or let both delegate to one VirtualService.", Equivalents: []string{"IST0140"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			split, n := splitHosts(m), 0
			for _, v := range routes(m) {
				for _, l := range v.legs {
					if !l.http || strings.Contains(l.place, "mirror") || l.to.GetSubset() != "" || !leadsFromGateway(v.VirtualService, l) {
						continue
					}
					n++
					host := strings.ToLower(m.FQDN(l.to.GetHost(), v.Namespace))
					if other := split[host]; other != nil && other.VirtualService != v.VirtualService.VirtualService {
						p.Reportf(snapshot.Place(v.VirtualService, l.path()), "requests of the gateway go to all pods of %s: VirtualService %s/%s, which sends them to subsets, holds for sidecars only; write the subset here too", l.to.GetHost(), other.Namespace, other.Name)
						break
					}
				}
			}
			p.Lookedf("%s of gateways, none past the routes of sidecars", finding.Count(n, "destination"))
		},
	}
}

// leadsFromGateway says whether a gateway uses a rule.
func leadsFromGateway(v *mesh.VirtualService, l leg) bool {
	for _, one := range append([]*mesh.VirtualService{v}, v.Roots...) {
		for _, g := range one.Gateways {
			if g != mesh.MeshGateway && l.takes(g) {
				return true
			}
		}
	}
	return false
}

// splitHosts are the hosts that a VirtualService for sidecars splits into
// subsets.
func splitHosts(m *mesh.Mesh) map[string]*mesh.VirtualService {
	out := map[string]*mesh.VirtualService{}
	for _, v := range routes(m) {
		if !v.Mesh() {
			continue
		}
		for _, l := range v.legs {
			host := strings.ToLower(m.FQDN(l.to.GetHost(), v.Namespace))
			if toSubset(l) && l.takes(mesh.MeshGateway) && out[host] == nil && slices.Contains(v.Hosts, host) {
				out[host] = v.VirtualService
			}
		}
	}
	return out
}

// toSubset says whether requests, not copies of them, go to a subset.
func toSubset(l leg) bool {
	return l.http && l.to.GetSubset() != "" && !strings.Contains(l.place, "mirror")
}
