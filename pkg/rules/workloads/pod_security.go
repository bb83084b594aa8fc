package workloads

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// enforceLabel says which pods a namespace lets in.
const enforceLabel = "pod-security.kubernetes.io/enforce"

func initForbidden() *rule.Rule {
	return &rule.Rule{
		ID: "APP008", Name: "init-forbidden", Category: requirements, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Namespaces},
		Summary: "A namespace has injection on and enforces a Pod Security level that forbids istio-init, and Istio CNI is not used.",
		Why:     "istio-init needs NET_ADMIN and NET_RAW, which the levels baseline and restricted refuse, so that no injected pod is made.",
		Fix:     "Install Istio CNI, which redirects traffic without rights of the pod.",
		Hints:   []string{"S9", "S6"},
		Run: func(p *rule.Pass) {
			in := injectorOf(p)
			for _, ns := range p.Namespaces {
				level := ns.Labels[enforceLabel]
				injects := ns.Labels[mesh.InjectionLabel] == "enabled" || ns.Labels[mesh.InjectionLabel] == "" && ns.Labels[mesh.RevisionLabel] != ""
				if !injects || level != "baseline" && level != "restricted" || in.cni {
					continue
				}
				if !in.told {
					p.Undecidedf("whether Istio CNI is used is not known: give the IstioOperator or the Helm values too")
					continue
				}
				p.Reportf(snapshot.Place(ns, "metadata.labels[\""+enforceLabel+"\"]"), "namespace %s enforces Pod Security %s, which refuses istio-init, and its pods are injected without Istio CNI; install Istio CNI", ns.Name, level)
			}
			p.Lookedf("%s", finding.Count(len(p.Namespaces), "namespace"))
		},
	}
}
