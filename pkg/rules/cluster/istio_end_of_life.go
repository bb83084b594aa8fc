package cluster

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func istioEndOfLife() *rule.Rule {
	return &rule.Rule{
		ID: "PRE003", Name: "istio-end-of-life", Category: "Istio", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.ControlPlanes},
		Summary: "The Istio minor to install, or one that runs in the cluster, is past its end of life.",
		Why:     "No fixes are made for it any more, security fixes included.",
		Fix:     "Upgrade to a supported minor, one minor at a time or with a canary revision.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			judge(p, finding.Location{Object: "Istio/" + p.Target.Istio.String()}, "to be installed", p.Target.Istio)
			for _, d := range p.ControlPlanes {
				image := controlPlaneImage(d)
				minor, err := facts.ParseMinor(image[strings.LastIndex(image, ":")+1:])
				if err != nil {
					p.Undecidedf("the version of %s cannot be read from its image %q", snapshot.KeyOf(d), image)
					continue
				}
				judge(p, snapshot.Place(d, "spec.template.spec.containers"), "running", minor)
			}
			p.Lookedf("Istio %s; control planes in the cluster: %d", p.Target.Istio, len(p.ControlPlanes))
		},
	}
}

func judge(p *rule.Pass, at finding.Locator, what string, istio facts.Minor) {
	r, known := facts.ReleaseOf(istio)
	if !known || r.EndOfLife.IsZero() || p.Now.Before(r.EndOfLife) {
		return
	}
	f := p.Reportf(at, "Istio %s, %s, reached its end of life on %s", istio, what, r.EndOfLife.Format("2006-01-02"))
	if r.Expected {
		f.Severity = finding.Info
		f.Message = strings.Replace(f.Message, "reached its end of life on", "was expected to reach its end of life by", 1)
	}
}

func controlPlaneImage(d *unstructured.Unstructured) string {
	containers, _, _ := unstructured.NestedSlice(d.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		if m, ok := c.(map[string]any); ok && m["name"] == "discovery" {
			image, _ := m["image"].(string)
			return image
		}
	}
	return ""
}
