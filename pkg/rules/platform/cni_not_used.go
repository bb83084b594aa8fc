package platform

import (
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
				case c.Chart == "istiod" && !c.Off && !told(c):
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

// untold looks for the values of chart cni that belong to those of istiod.
func untold(p *rule.Pass, istiod *snapshot.Config) {
	cni := plugin(p, istiod)
	switch {
	case cni == nil || toldElsewhere(p, istiod):
		return
	case !istiod.Complete():
		p.Undecidedf("%s: a part of the values is not seen", istiod.Name())
		return
	case bySail(istiod) && p.Target.Platform == "openshift":
		return
	case bySail(istiod) && p.Target.Platform == "":
		p.Undecidedf("%s: on OpenShift the Sail operator sets pilot.cni.enabled; say where this is with --platform", istiod.Name())
		return
	}
	f := p.Reportf(istiod.Nearest("pilot", "cni", "enabled"), "chart cni is installed, but istiod is not told: its pods keep the privileged init container; set pilot.cni.enabled: true")
	f.Severity = finding.Warning
	f.Related = []finding.Related{{Message: "the values of chart cni stand here", At: cni.Root.Location()}}
}

// plugin finds the plugin that is installed with an istiod. One for ambient
// mode alone needs nothing of istiod.
func plugin(p *rule.Pass, istiod *snapshot.Config) *snapshot.Config {
	for _, c := range p.Configs {
		if c.Chart == "cni" && !c.Off && !ambientAgent(c) && (p.Merged || together(c, istiod)) {
			return c
		}
	}
	return nil
}

// toldElsewhere says whether another file tells the same istiod: a patch of
// the object, or values that stand beside these and are merged with them.
func toldElsewhere(p *rule.Pass, istiod *snapshot.Config) bool {
	if istiod.Values().At("pilot", "cni", "enabled") != nil {
		return false
	}
	for _, c := range p.Configs {
		if c.Chart != "istiod" || c == istiod || !told(c) {
			continue
		}
		switch a, b := c.Wrapper, istiod.Wrapper; {
		case a == nil || b == nil:
			if together(c, istiod) {
				return true
			}
		case a.Kind == b.Kind && a.Name == b.Name && (c.Patch || istiod.Patch):
			return true
		}
	}
	return false
}

func bySail(c *snapshot.Config) bool {
	return c.Wrapper != nil && (c.Wrapper.Kind == "Istio" || c.Wrapper.Kind == "IstioRevision")
}

func ambientAgent(c *snapshot.Config) bool {
	v := c.EffectiveValues()
	return v.IsTrue("ambient", "enabled") || v.IsTrue("cni", "ambient", "enabled")
}
