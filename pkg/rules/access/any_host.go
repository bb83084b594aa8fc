package access

import (
	"fmt"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func anyHost() *rule.Rule {
	return &rule.Rule{
		ID: "SEC003", Name: "gateway-any-host", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Gateways},
		Summary: "A Gateway takes any host for VirtualServices of any namespace.",
		Why:     "Whoever may write a VirtualService somewhere can put a service on the gateway, or take the host of another.",
		Fix:     "Name the hosts, or the namespace whose VirtualServices may bind to them, as in shop/*.",
		Hints:   []string{"C1"},
		Run: func(p *rule.Pass) {
			for _, g := range p.Gateways {
				if path, open := takesAny(g); open {
					p.Reportf(snapshot.Place(g, path), "any host of VirtualServices in any namespace is served here; name the hosts, or put a namespace before them, as in %s/*", g.Namespace)
				}
			}
			p.Lookedf("%s, none for any host of any namespace", finding.Count(len(p.Gateways), "Gateway"))
		},
	}
}

// takesAny is the place where a Gateway does, not for redirects to HTTPS only.
func takesAny(g *networking.Gateway) (path string, open bool) {
	for i, s := range g.Spec.GetServers() {
		for j, host := range s.GetHosts() {
			if (host == "*" || host == "*/*") && !s.GetTls().GetHttpsRedirect() {
				return fmt.Sprintf("spec.servers[%d].hosts[%d]", i, j), true
			}
		}
	}
	return "", false
}
