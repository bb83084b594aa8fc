package platform

import (
	"path/filepath"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func cniNotUsed() *rule.Rule {
	return &rule.Rule{
		ID: "CNI002", Name: "cni-not-used", Category: "Platform", Severity: finding.Error,
		Stages: []rule.Stage{rule.Validate}, Needs: []snapshot.Part{snapshot.Configuration},
		Summary: "Istio's CNI plugin is installed and istiod is not told to use it, or the other way round.",
		Why:     "Pods keep the privileged init container that the plugin is to replace; told of a plugin that is not there, they do not start.",
		Fix:     "Set pilot.cni.enabled in the values of chart istiod exactly where chart cni is installed.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				switch {
				case c.IsOperator():
					contradicted(p, c)
				case c.Chart == "istiod" && !told(c):
					untold(p, c)
				}
			}
		},
	}
}

// contradicted reports a value that overrides what the renderer derives from
// the component.
func contradicted(p *rule.Pass, c *snapshot.Config) {
	v := c.Root.At("spec", "values", "pilot", "cni", "enabled")
	installed := c.ComponentEnabled("cni")
	switch {
	case v.IsTrue() && !installed:
		p.Reportf(v, "istiod is told to rely on istio-cni, but spec.components.cni is not enabled: no pod with a proxy starts")
	case v.IsFalse() && installed:
		f := p.Reportf(v, "spec.components.cni is enabled, but istiod is told not to use it; remove the value")
		f.Severity = finding.Warning
	}
}

// told says whether chart istiod knows of the plugin, which its own values or
// the platform's may say.
func told(c *snapshot.Config) bool {
	v := c.EffectiveValues()
	enabled := v.At("pilot", "cni", "enabled")
	if enabled == nil {
		enabled = v.At("cni", "enabled")
	}
	return enabled != nil && (enabled.IsTrue() || enabled.Kind != document.Bool)
}

// untold looks for the values of chart cni beside those of istiod. A plugin
// for ambient mode alone needs nothing of istiod.
func untold(p *rule.Pass, istiod *snapshot.Config) {
	for _, c := range p.Configs {
		if c.Chart != "cni" || ambientAgent(c) || !together(c, istiod) {
			continue
		}
		if !istiod.Complete() {
			p.Undecidedf("%s: a part of the values is not seen", istiod.Name())
			return
		}
		f := p.Reportf(istiod.Nearest("pilot", "cni", "enabled"), "chart cni is installed, but istiod is not told: its pods keep the privileged init container; set pilot.cni.enabled: true")
		f.Severity = finding.Warning
		f.Related = []finding.Related{{Message: "the values of chart cni stand here", At: c.Root.Location()}}
		return
	}
}

func ambientAgent(c *snapshot.Config) bool {
	v := c.EffectiveValues()
	return v.IsTrue("ambient", "enabled") || v.IsTrue("cni", "ambient", "enabled")
}

// together says whether two values belong to one installation: they stand in
// one file or in one folder.
func together(a, b *snapshot.Config) bool {
	return filepath.Dir(a.Root.Location().File) == filepath.Dir(b.Root.Location().File)
}
