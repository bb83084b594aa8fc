package security

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func certProvider() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR004", Name: "certificate-provider", Severity: finding.Error,
		Summary: "global.pilotCertProvider names a provider of istiod's certificate that does not work or does not exist.",
		Why:     "With kubernetes the chart and istiod give up; with an unknown name istiod serves no TLS, so webhooks and proxies cannot reach it.",
		Fix:     "Use istiod, or k8s.io/ and the name of a signer; custom and none are for certificates that you mount.",
	}, func(p *rule.Pass, c csr) {
		if v := c.provider; v != nil && v.Kind == document.String && v.Placeholder() == "" {
			providerNamed(p, c, v)
		}
	})
}

func providerNamed(p *rule.Pass, c csr, v *document.Value) {
	switch {
	case v.Text == "kubernetes":
		if c.Istio.Before(facts.Minor{Major: 1, Minor: 23}) {
			if k, known := kubernetes(p); !known || k.Before(withoutV1beta1()) {
				return
			}
		}
		p.Reportf(v, "pilotCertProvider %q no longer works; use istiod, or k8s.io/ and the name of a signer", v.Text)
	case v.Text == "", v.Text == "istiod", v.Text == "custom", v.Text == "none":
	case strings.HasPrefix(v.Text, signerPrefix) && len(v.Text) > len(signerPrefix):
	case meant(v.Text) != "":
		f := p.Reportf(v, "pilotCertProvider %q is not known to istiod, which then serves no certificate; did you mean %q?", v.Text, meant(v.Text))
		if name, certain := schema.Meant(v.Text, providers()); certain {
			f.Propose(v.Replace(name, document.String), "write %s", name)
		}
	default:
		as(p.Reportf(v, "pilotCertProvider %q is not known to istiod, which then has a certificate only if one is mounted; use istiod, k8s.io/ and the name of a signer, custom or none", v.Text), finding.Warning)
	}
}

func providers() []string { return []string{"istiod", "kubernetes", "custom", "none"} }

func meant(name string) string { return schema.Suggest(name, providers()) }
