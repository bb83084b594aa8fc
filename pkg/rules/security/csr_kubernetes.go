package security

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func csrKubernetes() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR001", Name: "csr-kubernetes-too-old", Severity: finding.Error,
		Summary: "The cluster is too old for certificates that Kubernetes signs.",
		Why:     "Signers have names since Kubernetes 1.18, and Istio 1.19 and later speak certificates.k8s.io/v1 only, which came with 1.19.",
		Fix:     "Upgrade Kubernetes, or let istiod sign.",
	}, func(p *rule.Pass, c csr) {
		used := c.used()
		if used == nil {
			return
		}
		minimum := facts.Minor{Major: 1, Minor: 18}
		if !c.Istio.Before(facts.Minor{Major: 1, Minor: 19}) {
			minimum.Minor = 19
		}
		if k, known := kubernetes(p); known && k.Before(minimum) {
			p.Reportf(used, "certificates signed by Kubernetes need Kubernetes %s with Istio %s, the cluster has %s", minimum, c.Istio, k)
		}
	})
}
