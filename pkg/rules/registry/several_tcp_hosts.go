package registry

import (
	"istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config/protocol"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func severalTCPHosts() *rule.Rule {
	return &rule.Rule{
		ID: "SE010", Name: "several-tcp-hosts", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(),
		Summary: "A ServiceEntry has several hosts and a port that is neither HTTP nor TLS.",
		Why:     "Nothing in the connection tells the hosts apart, and istiod refuses it.",
		Fix:     "Write one ServiceEntry for each host, each with its addresses.",
		Hints:   []string{"E5"}, Equivalents: []string{"IST0106"},
		Run: func(p *rule.Pass) {
			for _, e := range aged(mesh.Of(p.Snapshot)) {
				if len(e.Spec.GetHosts()) < 2 || e.Spec.GetResolution() == v1alpha3.ServiceEntry_NONE {
					continue
				}
				for i, port := range e.Spec.GetPorts() {
					if parsed := protocol.Parse(port.GetProtocol()); !parsed.IsHTTP() && !parsed.IsTLS() {
						p.Reportf(e.port(i), "port %d (%s) has %d hosts, which only HTTP and TLS tell apart; write one ServiceEntry for each", port.GetNumber(), printed(port), len(e.Spec.GetHosts()))
						break
					}
				}
			}
			p.Lookedf("%s", finding.Count(len(p.ServiceEntries), "ServiceEntry"))
		},
	}
}
