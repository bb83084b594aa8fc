package platform

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func blockingSettings() *rule.Rule {
	return &rule.Rule{
		ID: "PLT003", Name: "platform-blocks", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Platform},
		Summary: "A setting cannot work on the platform, or one that the platform needs is missing.",
		Why:     "Pods are refused, load balancers stay without a healthy target, or a setting of another cloud is ignored.",
		Fix:     "Change the setting as the message says.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s", p.Target.Platform)
			platform, ok := facts.PlatformOf(p.Target.Platform)
			if !ok {
				return
			}
			small(p, platform)
			for _, c := range p.Configs {
				for _, s := range services(c) {
					foreignAnnotations(p, s, platform)
					ignoredAddress(p, s, platform)
					if platform.ID == "aks" {
						healthProbe(p, s)
					}
				}
				switch platform.ID {
				case "gke":
					criticalPods(p, c)
				case "openshift":
					openshift(p, c)
				case "rke2":
					selinux(p, c)
				}
			}
		},
	}
}
