package platform

import (
	"net/netip"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// networkAddresses reports what scripts leave behind that read an address
// where a load balancer has a host name. istiod looks host names up since
// 1.13, unless RESOLVE_HOSTNAME_GATEWAYS is off.
func networkAddresses() *rule.Rule {
	return &rule.Rule{
		ID: "VM002", Name: "network-gateway-address", Category: "Virtual machines", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Validate},
		Needs:   []snapshot.Part{snapshot.Configuration},
		Summary: "A gateway in meshNetworks has an empty address, or a host name that istiod is told not to look up.",
		Why:     "Traffic to that network goes nowhere; scripts get an empty address where a load balancer has a host name.",
		Fix:     "Write the host name of the load balancer, and leave RESOLVE_HOSTNAME_GATEWAYS on.",
		Hints:   []string{"P4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				unresolved := resolvesNot(c)
				for _, network := range c.MeshNetworks().Fields() {
					for _, g := range network.Field("gateways").Items() {
						gatewayAddress(p, g, unresolved)
					}
				}
			}
		},
	}
}

func gatewayAddress(p *rule.Pass, g *document.Value, unresolved *document.Value) {
	v := g.Field("address")
	if v == nil || v.Placeholder() != "" || v.Kind != document.String && v.Kind != document.Null {
		return
	}
	if v.Text == "" || v.Kind == document.Null {
		p.Reportf(v, "the gateway's address is empty; where the load balancer has a host name, read status.loadBalancer.ingress[0].hostname")
		return
	}
	if _, err := netip.ParseAddr(v.Text); err != nil && unresolved != nil {
		f := p.Reportf(v, "%s is a host name, which istiod is told not to look up", v.Text)
		f.Related = []finding.Related{{Message: "RESOLVE_HOSTNAME_GATEWAYS is off here", At: unresolved.Location()}}
	}
}

// resolvesNot is the setting that keeps istiod from looking host names up.
func resolvesNot(c *snapshot.Config) *document.Value {
	for _, e := range c.Env() {
		if e.Program == facts.Istiod && e.Name == "RESOLVE_HOSTNAME_GATEWAYS" && e.Value != nil && (e.Value.IsFalse() || strings.EqualFold(e.Value.Text, "false")) {
			return e.Value
		}
	}
	return nil
}
