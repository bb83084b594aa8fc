package security

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func legacySigner() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR002", Name: "legacy-signer", Severity: finding.Error,
		Summary: "The signer kubernetes.io/legacy-unknown is used, which no longer exists.",
		Why:     "certificates.k8s.io/v1 rejects it, so istiod gets no certificate and neither do the workloads.",
		Fix:     "Name a signer that is installed in the cluster, for example one of cert-manager's.",
	}, func(p *rule.Pass, c csr) {
		for _, at := range c.legacySigners() {
			if c.Istio.Before(facts.Minor{Major: 1, Minor: 19}) {
				if k, known := kubernetes(p); !known || k.Before(withoutV1beta1()) {
					continue
				}
			}
			p.Reportf(at, "the signer %s cannot be used through certificates.k8s.io/v1; name one that is installed in the cluster", legacy)
		}
	})
}

func legacySignerUntested() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR003", Name: "legacy-signer-untested", Severity: finding.Warning,
		Summary: "The signer kubernetes.io/legacy-unknown is used on a cluster that still has it.",
		Why:     "It promises nothing: some distributions leave out the X.509 extensions that Istio's identities are in.",
		Fix:     "Look at a certificate that it signs, or use another signer before Kubernetes 1.22.",
	}, func(p *rule.Pass, c csr) {
		if !c.Istio.Before(facts.Minor{Major: 1, Minor: 19}) {
			return
		}
		for _, at := range c.legacySigners() {
			if k, known := kubernetes(p); known && k.Before(withoutV1beta1()) {
				p.Reportf(at, "the signer %s is gone in Kubernetes 1.22, and not every cluster before signs what Istio needs", legacy)
			}
		}
	})
}

// withoutV1beta1 is the first Kubernetes without certificates.k8s.io/v1beta1.
func withoutV1beta1() facts.Minor { return facts.Minor{Major: 1, Minor: 22} }

// legacySigners are the places that name the legacy signer.
func (c csr) legacySigners() []*document.Value {
	var out []*document.Value
	for _, s := range c.wanted() {
		if s.name == legacy {
			out = append(out, s.at)
		}
	}
	for _, item := range c.signers.Items() {
		if item.Str() == legacy {
			out = append(out, item)
		}
	}
	return out
}
