package registry

import (
	"strings"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func anyAddress() *rule.Rule {
	return &rule.Rule{
		ID: "SE008", Name: "any-address", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(),
		Summary: "A ServiceEntry has resolution NONE and no CIDR among its addresses, with a port that is not HTTP.",
		Why:     "The connection goes where the client wants: a TCP port lets it reach every address on that port, TLS every address under an allowed name.",
		Fix:     "Give addresses with a CIDR, or use resolution DNS or STATIC, for wildcard hosts DYNAMIC_DNS.",
		Hints:   []string{"E6"}, Equivalents: []string{"IST0133", "IST0134"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			mode := m.Config.GetOutboundTrafficPolicy().GetMode()
			open := m.Told && mode == meshconfig.MeshConfig_OutboundTrafficPolicy_ALLOW_ANY
			closed := mode == meshconfig.MeshConfig_OutboundTrafficPolicy_REGISTRY_ONLY
			passing := 0
			for _, e := range aged(m) {
				if e.Spec.GetResolution() != v1alpha3.ServiceEntry_NONE {
					continue
				}
				passing++
				if !cidr(e.Spec.GetAddresses()) {
					reachable(p, e, open, closed)
				}
			}
			p.Lookedf("%s with resolution NONE", finding.Count(passing, "ServiceEntry"))
		},
	}
}

func cidr(addresses []string) bool {
	for _, a := range addresses {
		if strings.Contains(a, "/") {
			return true
		}
	}
	return false
}

// reachable reports the port of a ServiceEntry that lets most through.
func reachable(p *rule.Pass, e entry, open, closed bool) {
	for _, kind := range []traffic{byPort, byName} {
		for i, port := range e.Spec.GetPorts() {
			if trafficOf(port) != kind {
				continue
			}
			switch {
			case len(e.Spec.GetAddresses()) > 0:
				p.Reportf(e.port(i), "resolution NONE with single addresses and no CIDR: resolution STATIC says the same and lets the proxy balance").Severity = finding.Info
			case kind == byName:
				f := p.Reportf(e.port(i), "resolution NONE without addresses: on port %d a client reaches any address if it sends an allowed name; use addresses with a CIDR, or DNS or DYNAMIC_DNS", port.GetNumber())
				f.Severity = finding.Info
				if closed { // what is allowed by name is all that holds a client back
					f.Severity = finding.Warning
				}
			default:
				f := p.Reportf(e.port(i), "resolution NONE without addresses: port %d is open to any address; use addresses with a CIDR, or resolution DNS or STATIC", port.GetNumber())
				if open { // the mesh lets everything out anyway
					f.Severity = finding.Warning
				}
			}
			return
		}
	}
}
