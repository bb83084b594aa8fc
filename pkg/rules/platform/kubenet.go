package platform

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func kubenet() *rule.Rule {
	return &rule.Rule{
		ID: "CNI001", Name: "cni-on-kubenet", Category: "Platform", Severity: finding.Info,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Platform},
		Summary: "Istio's CNI plugin is installed on AKS, where it works only if the cluster uses Azure CNI.",
		Why:     "With kubenet no chain of plugins is run, so pods fail in istio-validation; no file tells which one a cluster uses.",
		Fix:     "Make sure that the cluster was created with --network-plugin azure, then ignore this rule.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("the network of platform %s", p.Target.Platform)
			if p.Target.Platform != "aks" || azureCNI(p) {
				return
			}
			for _, c := range p.Configs {
				if !c.ComponentEnabled("cni") {
					continue
				}
				p.Reportf(pluginPlace(c), "istio-cni on AKS needs a cluster with Azure CNI (--network-plugin azure); with kubenet no pod with a proxy starts")
			}
		},
	}
}

// pluginPlace is where a configuration asks for istio-cni.
func pluginPlace(c *snapshot.Config) finding.Locator {
	if !c.IsOperator() {
		return c.Nearest()
	}
	return c.Nearest("spec", "components", "cni")
}

// azureCNI says whether all machines carry the labels of pods in a network of
// Azure CNI, of any kind. Nodes with kubenet lack them, and so do some others,
// so that their absence proves nothing.
func azureCNI(p *rule.Pass) bool {
	machines := 0
	for _, n := range p.Nodes {
		_, pods := n.Labels["kubernetes.azure.com/podnetwork-type"]
		switch {
		case (facts.NodeFacts{Labels: n.Labels}).Virtual():
		case !pods && n.Labels["kubernetes.azure.com/azure-cni-overlay"] != "true" && n.Labels["kubernetes.azure.com/ebpf-dataplane"] != "cilium":
			return false
		default:
			machines++
		}
	}
	if machines > 0 {
		p.Lookedf("Azure CNI on %s", finding.Count(machines, "node"))
	}
	return machines > 0
}
