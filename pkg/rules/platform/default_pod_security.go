package platform

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const enforceLabel = "pod-security.kubernetes.io/enforce"

// defaultPodSecurity knows platforms on which a namespace without a label is
// not free: Talos enforces baseline, kube-system apart, as its reference of
// cluster.apiServer.admissionControl says; RKE2 with a CIS profile enforces
// restricted, apart from its own namespaces, as its hardening guide says.
func defaultPodSecurity() *rule.Rule {
	return &rule.Rule{
		ID: "PLT007", Name: "default-pod-security", Category: "Pod security", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Platform, snapshot.Nodes, snapshot.Namespaces},
		Summary: "The platform enforces Pod Security where a namespace has no label, and the pods to be installed do not comply.",
		Why:     "The API server accepts the DaemonSet or Deployment and then refuses every one of its pods.",
		Fix:     "Label the namespace pod-security.kubernetes.io/enforce=privileged before the installation.",
		Hints:   []string{"S5", "P1"},
		Run: func(p *rule.Pass) {
			level := defaultLevel(p)
			if level == "" {
				p.Lookedf("platform %s is not known to enforce a level in namespaces without a label", p.Target.Platform)
				return
			}
			p.Lookedf("%s enforces %s in namespaces without a label", enforcer(p), level)
			for _, ns := range targets(p, level == "restricted") {
				if label, labelled := labelOf(p, ns); !labelled && ns != systemNamespace {
					p.Reportf(snapshot.Key{Kind: "Namespace", Name: ns}, "%s enforces Pod Security %s in namespace %s, which has no label %s%s, and refuses pods of this installation; label it privileged", enforcer(p), level, ns, enforceLabel, label)
				}
			}
		},
	}
}

func enforcer(p *rule.Pass) string {
	if p.Target.Platform == "talos" {
		return "Talos"
	}
	return "RKE2 with a CIS profile"
}

// defaultLevel is what the platform enforces without a label; "" for nothing.
func defaultLevel(p *rule.Pass) string {
	switch p.Target.Platform {
	case "talos":
		return "baseline"
	case "rke2":
		for _, n := range p.Nodes {
			if strings.HasPrefix(argument(n, "--profile"), "cis") {
				return "restricted"
			}
		}
	}
	return ""
}

// targets are the namespaces of pods that do not comply: those of agents at
// any level, with restricted those of all.
func targets(p *rule.Pass, all bool) []string {
	var out []string
	for _, m := range p.Rendered {
		kind := m.Object.GetKind()
		if kind == "DaemonSet" || all && kind == "Deployment" {
			out = append(out, m.Object.GetNamespace())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// labelOf says whether a namespace has the label, live or as it would be
// installed; note completes the message where there is no namespace yet.
func labelOf(p *rule.Pass, namespace string) (note string, labelled bool) {
	note = " because it does not exist yet"
	for _, ns := range p.Namespaces {
		if ns.Name == namespace {
			_, labelled = ns.Labels[enforceLabel]
			note = ""
		}
	}
	return note, labelled
}
