package platform

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// ciliumSettings looks at what istioctl warns of while it installs, before
// anything is installed. Sources: istioctl's own check; Cilium's page about
// Istio, which wants the host namespace only with any replacement of
// kube-proxy; istio#27619 and istio#52208.
func ciliumSettings() *rule.Rule {
	return &rule.Rule{
		ID: "CNI004", Name: "cilium-settings", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CiliumConfig, snapshot.DaemonSets},
		Summary: "Cilium is set up so that it takes the mesh's traffic, or removes Istio's plugin from the nodes.",
		Why:     "Pods connect past their proxy, or new pods get none, and policies of the mesh do not hold.",
		Fix:     "Change the setting of Cilium that the message names, and restart its agents.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			if p.CiliumConfig == nil {
				ciliumElsewhere(p)
				return
			}
			for _, s := range ciliumFaults(p) {
				message := s.message
				if by := managedBy(p); by != "" {
					message += "; " + by + " manages this ConfigMap, so ask it for a cluster with that setting"
				}
				p.Reportf(snapshot.Place(p.CiliumConfig, "data."+s.key), "%s", message).Severity = s.severity
			}
			p.Lookedf("ConfigMap kube-system/cilium-config")
		},
	}
}

// ciliumElsewhere does not let an agent pass whose settings are not seen.
func ciliumElsewhere(p *rule.Pass) {
	for _, d := range p.DaemonSets {
		if d.Name == "cilium" && d.Namespace != systemNamespace {
			p.Undecidedf("Cilium runs in namespace %s, and its settings are looked for in kube-system only", d.Namespace)
			return
		}
	}
	p.Lookedf("no Cilium")
}

type ciliumFault struct {
	key, message string
	severity     finding.Severity
}

func ciliumFaults(p *rule.Pass) []ciliumFault {
	data := p.CiliumConfig.Data
	var out []ciliumFault
	if installed(p, "cni") && data["cni-exclusive"] == "true" {
		out = append(out, ciliumFault{"cni-exclusive", "Cilium's cni-exclusive is true, so it removes istio-cni's configuration from the nodes; set cni.exclusive=false in Cilium's values", finding.Error})
	}
	if installed(p, "ztunnel") && data["enable-bpf-masquerade"] == "true" {
		out = append(out, ciliumFault{"enable-bpf-masquerade", "Cilium's enable-bpf-masquerade is true, with which the kubelet's probes of pods in ambient mode fail; set bpf.masquerade=false in Cilium's values", finding.Error})
	}
	if data["bpf-lb-sock-hostns-only"] == "true" {
		return out
	}
	const fix = "; set socketLB.hostNamespaceOnly=true in Cilium's values"
	switch kpr := data["kube-proxy-replacement"]; {
	case data["bpf-lb-sock"] == "true":
		out = append(out, ciliumFault{"bpf-lb-sock", "Cilium's bpf-lb-sock is true in pods too, so they connect to other pods past their proxy" + fix, finding.Error})
	case kpr == "strict":
		out = append(out, ciliumFault{"kube-proxy-replacement", "Cilium's kube-proxy-replacement is strict and works in pods too, so they connect to other pods past their proxy" + fix, finding.Error})
	case kpr == "true":
		out = append(out, ciliumFault{"kube-proxy-replacement", "Cilium's kube-proxy-replacement is true, and bpf-lb-sock-hostns-only is not, so pods may connect to other pods past their proxy" + fix, finding.Warning})
	}
	return out
}

// managedBy names the cloud that runs Cilium itself and puts its ConfigMap
// back: AKS with Cilium as data plane, and GKE's Dataplane V2.
func managedBy(p *rule.Pass) string {
	switch p.Target.Platform {
	case "aks":
		for _, n := range p.Nodes {
			if n.Labels["kubernetes.azure.com/ebpf-dataplane"] == "cilium" {
				return "AKS"
			}
		}
	case "gke":
		for _, d := range p.DaemonSets {
			if d.Name == "anetd" && d.Namespace == systemNamespace {
				return "GKE"
			}
		}
	}
	return ""
}

// installed says whether any configuration installs a component.
func installed(p *rule.Pass, component string) bool {
	for _, c := range p.Configs {
		if c.ComponentEnabled(component) {
			return true
		}
	}
	return false
}
