package ingress

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func balancerMismatch() *rule.Rule {
	return &rule.Rule{
		ID: "GWY003", Name: "balancer-mismatch", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: edges(snapshot.Ingresses),
		Summary: "A load balancer speaks TLS to a port of a gateway that expects plain text, or the other way round.",
		Why:     "Neither side understands the other, so that every request to the port fails.",
		Fix:     "Give the load balancer's backend the protocol that the gateway's server has, or take TLS off in one place only.",
		Hints:   []string{"P2"},
		Run: func(p *rule.Pass) {
			looked := 0
			eachLeg(p, func(e *mesh.Edge, l leg, here []server) {
				looked++
				if slices.ContainsFunc(here, func(s server) bool { return s.tls == l.encrypted }) {
					return
				}
				sends, expects := "plain text", "TLS"
				if l.encrypted {
					sends, expects = expects, sends
				}
				p.Reportf(l.at, "%s sends %s to port %d of %s, and %s expects %s there", l.who, sends, l.port.Port, e, snapshot.KeyOf(here[0].of), expects)
			})
			p.Lookedf("%s of gateways where a load balancer takes off TLS, which goes on as the gateway expects", finding.Count(looked, "port"))
		},
	}
}
