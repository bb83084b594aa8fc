package security

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func anySigner() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR006", Name: "any-signer", Severity: finding.Error,
		Summary: "Kubernetes signs certificates and global.certSigners is empty.",
		Why:     "The chart then writes a role without resource names, with which istiod may approve requests for every signer, the one of cluster administrators included.",
		Fix:     "List the signer in global.certSigners.",
	}, func(p *rule.Pass, c csr) {
		if !c.granted() || c.Istio.Before(facts.Minor{Major: 1, Minor: 22}) || len(c.signers.Items()) > 0 || c.signers.Placeholder() != "" {
			return
		}
		at := c.used()
		if at == nil {
			return // a provider that CSR004 reports
		}
		p.Missingf(c.Config, at, "global.certSigners is empty, so istiod may approve certificates of every signer; list the one that it uses")
	})
}

func signerMissing() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR007", Name: "signer-not-allowed", Severity: finding.Error,
		Summary: "istiod shall use a signer that global.certSigners does not list.",
		Why:     "istiod may not approve requests for it, so no certificate is signed.",
		Fix:     "Add the signer to global.certSigners.",
	}, func(p *rule.Pass, c csr) {
		if !c.granted() || len(c.signers.Items()) == 0 {
			return
		}
		for _, s := range c.wanted() {
			if s.at.Placeholder() == "" && !strings.Contains(s.name, "${") && !c.allows(s.name) {
				p.Reportf(s.at, "the signer %q is not in global.certSigners, so istiod may not approve its certificates", s.name)
			}
		}
	})
}

// allows says whether the list names a signer, or all of its domain.
func (c csr) allows(name string) bool {
	domain, _, _ := strings.Cut(name, "/")
	for _, item := range c.signers.Items() {
		if t := item.Str(); t == name || t == domain+"/*" || item.Placeholder() != "" {
			return true
		}
	}
	return false
}
