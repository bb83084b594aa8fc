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
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Rendered, snapshot.Namespaces},
		Summary: "Pod Security would refuse pods: injected ones without Istio CNI, or the CNI and ztunnel pods themselves.",
		Why:     "istio-init needs NET_ADMIN and NET_RAW, which the baseline level forbids; the CNI agent and ztunnel need the privileged level.",
		Fix:     "Install Istio CNI for injected namespaces, and label the namespace of the CNI agent and ztunnel pod-security.kubernetes.io/enforce=privileged.",
		Hints:   []string{"S6", "P1"},
		Run: func(p *rule.Pass) {
			agents := map[string]string{}
			for _, m := range p.Rendered {
				if m.Object.GetKind() == "DaemonSet" {
					agents[m.Object.GetNamespace()] = m.Object.GetName()
				}
			}
			cni := withCNI(p)
			for _, ns := range p.Namespaces {
				level := ns.GetLabels()[enforce]
				if level != "baseline" && level != "restricted" {
					continue
				}
				at := snapshot.Place(ns, "metadata.labels")
				if agent := agents[ns.GetName()]; agent != "" {
					p.Reportf(at, "namespace enforces Pod Security %s, which refuses the pods of %s", level, agent)
				}
				if injectedNamespace(ns.GetLabels()) && !cni {
					p.Reportf(at, "namespace has injection on and enforces Pod Security %s, which refuses istio-init; Istio CNI is not installed", level)
				}
			}
			p.Lookedf("%d namespaces", len(p.Namespaces))
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
