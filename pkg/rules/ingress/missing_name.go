package ingress

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingName() *rule.Rule {
	return &rule.Rule{
		ID: "GWY001", Name: "balancer-without-name", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: edges(snapshot.Ingresses),
		Summary: "A load balancer takes TLS off and speaks TLS anew to a gateway that serves only named hosts there.",
		Why:     "The gateway chooses a certificate by the name (SNI) in the handshake; without one it closes the connection, and clients get an empty reply.",
		Fix:     "Have the load balancer pass TLS through or send SNI, or serve host * with one certificate on that port.",
		Hints:   []string{"P2"},
		Run: func(p *rule.Pass) {
			looked, done := 0, map[snapshot.Object]bool{}
			eachLeg(p, func(e *mesh.Edge, l leg, here []server) {
				looked++
				if !l.encrypted || l.named || slices.ContainsFunc(here, func(s server) bool { return slices.Contains(s.hosts, "*") }) {
					return
				}
				for _, s := range here {
					if s.tls && !done[s.of] {
						done[s.of] = true
						p.Reportf(snapshot.Place(s.of, s.path+".hosts"), "%s speaks TLS to port %d of %s and may send no SNI, and no server there takes host *; clients would get an empty reply", l.who, l.port.Port, e)
					}
				}
			})
			p.Lookedf("%s of gateways where a load balancer takes off TLS, none that needs SNI which is not sent", finding.Count(looked, "port"))
		},
	}
}

// eachLeg visits the ports of gateways to which a load balancer leads that takes
// TLS off, with the servers there.
func eachLeg(p *rule.Pass, visit func(*mesh.Edge, leg, []server)) {
	fronts := frontsOf(p.Ingresses)
	for _, e := range mesh.Of(p.Snapshot).Edges() {
		found := legs(e, fronts)
		if len(found) == 0 {
			continue
		}
		all := servers(e)
		for _, l := range found {
			if here := behind(e, all, l.port); len(here) > 0 {
				visit(e, l, here)
			}
		}
	}
}
