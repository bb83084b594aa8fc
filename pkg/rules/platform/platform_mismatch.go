package platform

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func platformMismatch() *rule.Rule {
	return &rule.Rule{
		ID: "PLT002", Name: "platform-mismatch", Category: "Platform", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Platform},
		Summary: "global.platform is set for another platform than the cluster's.",
		Why:     "It brings folders, quotas and security settings of the other platform, which do not fit the nodes.",
		Fix:     "Remove global.platform, or set it to the value for the platform.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s", p.Target.Platform)
			platform, ok := facts.PlatformOf(p.Target.Platform)
			if !ok {
				return
			}
			for _, c := range p.Configs {
				if value := selected(c); value != "" && value != platform.Value && !judgedElsewhere(c, platform) {
					mismatch(p, c, platform, value)
				}
			}
		},
	}
}

// judgedElsewhere says whether the platform's own value is asked for by
// another rule, which names it; or whether the value is no platform at all.
func judgedElsewhere(c *snapshot.Config, platform facts.PlatformFacts) bool {
	known := facts.Names("istiod", facts.Platform, c.Istio)
	for _, name := range known {
		if name == selected(c) {
			return platform.Value != "" && !c.Istio.Before(platform.Since) && missing(c, platform)
		}
	}
	return true
}

func mismatch(p *rule.Pass, c *snapshot.Config, platform facts.PlatformFacts, value string) {
	set := c.Values().Field("platform")
	if set == nil {
		set = c.Values().At("global", "platform")
	}
	var at finding.Locator = c.Nearest(platformPath(c)...)
	if set != nil {
		at = set
	}
	if platform.Value == "" {
		p.Reportf(at, "platform %q is not for %s, which needs none; remove it", value, platform.Name).
			Propose(set.Remove(set.Top().Field("spec")), "remove it")
		return
	}
	p.Reportf(at, "platform %q is not for %s; set %q or remove it", value, platform.Name, platform.Value)
}

func platformPath(c *snapshot.Config) []string {
	if c.IsOperator() {
		return []string{"spec", "values", "global", "platform"}
	}
	return []string{"global", "platform"}
}
