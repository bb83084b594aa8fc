package cluster

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const enforce = "pod-security.kubernetes.io/enforce"

func podSecurityWithoutCNI() *rule.Rule {
	return &rule.Rule{
		ID: "CNI005", Name: "pod-security-without-cni", Category: "Pod security", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Namespaces},
		Summary: "A namespace has injection on and enforces Pod Security, and Istio CNI is not installed.",
		Why:     "istio-init needs NET_ADMIN and NET_RAW, which the baseline level forbids, so that no injected pod starts.",
		Fix:     "Install Istio CNI.",
		Hints:   []string{"S6", "P1"},
		Run: func(p *rule.Pass) {
			cni := withCNI(p)
			for _, ns := range p.Namespaces {
				level := ns.GetLabels()[enforce]
				if level != "baseline" && level != "restricted" || cni || !injectedNamespace(ns.GetLabels()) {
					continue
				}
				p.Reportf(snapshot.Place(ns, "metadata.labels"), "namespace has injection on and enforces Pod Security %s, which refuses istio-init; Istio CNI is not installed", level)
			}
			p.Lookedf("%s", finding.Count(len(p.Namespaces), "namespace"))
		},
	}
}

func withCNI(p *rule.Pass) bool {
	for _, c := range p.Configs {
		if c.ComponentEnabled("cni") || c.EffectiveValues().IsTrue("pilot", "cni", "enabled") {
			return true
		}
	}
	return false
}

func injectedNamespace(labels map[string]string) bool {
	return labels["istio-injection"] == "enabled" || labels["istio-injection"] == "" && labels["istio.io/rev"] != ""
}
