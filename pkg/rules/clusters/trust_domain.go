package clusters

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func trustDomain() *rule.Rule {
	return about(rule.Rule{
		ID: "MC004", Name: "foreign-trust-domain", Severity: finding.Error,
		Summary: "A cluster of a mesh does not accept the trust domain of another.",
		Why:     "Proxies verify that a client's certificate is of their trust domain or of one of its aliases, and refuse mutual TLS from the other cluster.",
		Fix:     "Add the other trust domain to meshConfig.trustDomainAliases, or use one for all clusters.",
	}, func(p *rule.Pass, g *group) {
		for _, m := range g.primaries() {
			taken := append([]string{m.Config.GetTrustDomain()}, m.Config.GetTrustDomainAliases()...)
			for _, ca := range m.Config.GetCaCertificates() {
				taken = append(taken, ca.GetTrustDomains()...)
			}
			var refused []string
			for _, other := range g.primaries() {
				if domain := other.Config.GetTrustDomain(); !slices.Contains(taken, domain) {
					refused = append(refused, fmt.Sprintf("%s (%q)", other.name, domain))
				}
			}
			if len(refused) > 0 && !m.Identity.AnyTrustDomain {
				p.Reportf(m.config("trustDomainAliases"), "proxies of trust domain %q refuse clients of %s: add that trust domain to trustDomainAliases", m.Config.GetTrustDomain(), rule.First(refused))
			}
		}
	}, snapshot.Configuration)
}
