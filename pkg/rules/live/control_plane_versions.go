package live

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func controlPlaneVersions() *rule.Rule {
	return &rule.Rule{
		ID: "POST011", Name: "control-plane-versions", Category: "Control plane", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.ControlPlanes, snapshot.IstiodPods},
		Summary: "Pods of one istiod run different versions, or an istiod is newer than meshctl or older by more than one minor.",
		Why:     "Proxies get now one, now the other configuration, and a tool of another minor judges by other rules.",
		Fix:     "Finish the rollout of istiod; use the meshctl of the control plane's minor.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			planes := controlPlanes(p)
			for _, rev := range slices.Sorted(maps.Keys(planes)) {
				againstTool(p, rev, planes[rev])
				mixed(p, rev)
			}
			if len(planes) == 0 {
				p.Undecidedf("no istiod is in this cluster")
			}
			p.Lookedf("%s, meshctl knows Istio %s", finding.Count(len(planes), "control plane"), facts.Embedded())
		},
	}
}

func againstTool(p *rule.Pass, rev string, istiod facts.Minor) {
	tool := facts.Embedded()
	at := finding.Location{Object: "Deployment/" + planeName(p, rev)}
	switch {
	case !istiod.Known():
		p.Undecidedf("the version of the istiod of revision %s is not told by its image", rev)
	case tool.Before(istiod):
		p.Reportf(at, "the istiod of revision %s is Istio %s, newer than the %s that this meshctl knows: its checks may miss what is new", rev, istiod, tool)
	case istiod.Major == tool.Major && istiod.Minor < tool.Minor-1:
		p.Reportf(at, "the istiod of revision %s is Istio %s, more than one minor older than the %s that this meshctl is made for", rev, istiod, tool)
	}
}

func planeName(p *rule.Pass, rev string) string {
	for _, d := range p.ControlPlanes {
		if r := d.GetLabels()["istio.io/rev"]; r == rev || r == "" && rev == "default" {
			return d.GetNamespace() + "/" + d.GetName()
		}
	}
	return "istiod"
}

// mixed reports the pods of one istiod that run different images.
func mixed(p *rule.Pass, rev string) {
	images := map[string]string{} // an example of each
	for _, pod := range p.IstiodPods {
		if pod.Labels["istio.io/rev"] == rev && lives(pod) {
			images[discovery(pod)] = podName(pod)
		}
	}
	if len(images) < 2 {
		return
	}
	var list []string
	for _, image := range slices.Sorted(maps.Keys(images)) {
		list = append(list, image+" in "+images[image])
	}
	p.Reportf(finding.Location{Object: "Deployment/" + planeName(p, rev)}, "the istiod of revision %s runs %s at once: %s", rev, finding.Count(len(images), "image"), rule.First(list))
}

func discovery(pod *corev1.Pod) string {
	for _, c := range pod.Spec.Containers {
		if c.Name == "discovery" {
			return c.Image
		}
	}
	return ""
}
