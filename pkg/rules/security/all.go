// Package security holds the rules about settings that weaken the mesh:
// signers of certificates, tokens, plain text and secrets in clear.
package security

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// headings under which checks are listed.
const (
	certificates = "Certificates"
	hardening    = "Security"
)

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		onCluster(csrKubernetes()), onCluster(legacySigner()), onCluster(legacySignerUntested()), onCluster(certProvider()), externalCAPlace(),
		anySigner(), signerMissing(), externalCAValue(), signingRights(), shortCertificates(), stuckRequests(),
		plainText(), pathNormalization(), blockedCIDRs(), tokenPolicy(), secretInClear(),
	}
}

// aboutCSR completes a rule about certificates that Kubernetes signs.
func aboutCSR(r rule.Rule, run func(*rule.Pass, csr)) *rule.Rule {
	r.Category, r.Hints = certificates, []string{"C1"}
	return each(r, func(p *rule.Pass, c *snapshot.Config) { run(p, newCSR(c)) })
}

// onCluster lets a rule that weighs the version of Kubernetes look again where
// the cluster tells it.
func onCluster(r *rule.Rule) *rule.Rule {
	r.Stages = append(r.Stages, rule.Precheck)
	return r
}

// each completes a rule that looks at control planes one by one.
func each(r rule.Rule, run func(*rule.Pass, *snapshot.Config)) *rule.Rule {
	r.Stages = []rule.Stage{rule.Validate}
	r.Needs = []snapshot.Part{snapshot.Configuration}
	r.Run = func(p *rule.Pass) {
		p.Lookedf("the settings of %s", finding.Count(len(p.Configs), "configuration"))
		for _, c := range p.Configs {
			if c.HoldsMesh() {
				run(p, c)
			}
		}
	}
	return &r
}

// as sets the severity of a finding where it differs from its rule's.
func as(f *finding.Finding, s finding.Severity) { f.Severity = s }
