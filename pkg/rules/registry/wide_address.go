package registry

import (
	"net/netip"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

// The shortest prefixes that are still taken for one network.
const (
	shortest4 = 8
	shortest6 = 16
)

func wideAddress() *rule.Rule {
	return &rule.Rule{
		ID: "SE009", Name: "wide-address", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(),
		Summary: "A ServiceEntry is about a very large range of addresses: wider than /8, or /16 in IPv6.",
		Why:     "Connections to anywhere are taken for this host, also those that mean other hosts.",
		Fix:     "Write the ranges that the host really has.",
		Hints:   []string{"E6"},
		Run: func(p *rule.Pass) {
			for _, e := range aged(mesh.Of(p.Snapshot)) {
				for i, a := range e.Spec.GetAddresses() {
					prefix, err := netip.ParsePrefix(a)
					if err != nil || prefix.Addr().Is4() && prefix.Bits() >= shortest4 || prefix.Addr().Is6() && prefix.Bits() >= shortest6 {
						continue
					}
					p.Reportf(e.at("spec.addresses[%d]", i), "%s covers a large part of all addresses; write the ranges that %s has", a, rule.First(e.Spec.GetHosts()))
				}
			}
			p.Lookedf("addresses of %s", finding.Count(len(p.ServiceEntries), "ServiceEntry"))
		},
	}
}
