package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func kubernetesTooOldFor() *rule.Rule {
	return &rule.Rule{
		ID: "VAL024", Name: "kubernetes-too-old-for", Category: fieldsCategory, Severity: finding.Error,
		Stages: []rule.Stage{rule.Validate, rule.Precheck}, Needs: []snapshot.Part{snapshot.Configuration, snapshot.ServerVersion},
		Summary: "A setting needs a newer Kubernetes than the cluster's.",
		Why:     "Older API servers drop the fields that the setting is made of, or refuse the pods.",
		Fix:     "Remove the setting, or upgrade Kubernetes first.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("settings that need a newer Kubernetes than %s", p.Target.Kubernetes)
			kube, err := facts.ParseMinor(p.Target.Kubernetes)
			if err != nil {
				p.Undecidedf("%v", err)
				return
			}
			for _, c := range p.Configs {
				nativeSidecars(p, c, kube)
				appArmor(p, c, kube)
			}
		},
	}
}

// Kubernetes minors that brought what Istio's settings need: sidecar
// containers, switched off at first, and AppArmor profiles as a field.
var (
	sidecarsAlpha  = facts.Minor{Major: 1, Minor: 28}
	sidecarsBeta   = facts.Minor{Major: 1, Minor: 29}
	appArmorFields = facts.Minor{Major: 1, Minor: 30}
)

func nativeSidecars(p *rule.Pass, c *snapshot.Config, kube facts.Minor) {
	for _, v := range istiodEnvironment(c, "ENABLE_NATIVE_SIDECARS") {
		if v.Text != "true" || !kube.Before(sidecarsBeta) {
			continue
		}
		if kube.Before(sidecarsAlpha) {
			p.Reportf(v, "ENABLE_NATIVE_SIDECARS needs Kubernetes 1.29, and %s has no sidecar containers: pods with a proxy would not start", kube)
			continue
		}
		f := p.Reportf(v, "ENABLE_NATIVE_SIDECARS on Kubernetes %s works only with the feature gate SidecarContainers, which is off by default", kube)
		f.Severity = finding.Warning
	}
}

// istiodEnvironment finds an environment variable of istiod wherever it may
// be written.
func istiodEnvironment(c *snapshot.Config, name string) []*document.Value {
	found := []*document.Value{c.Values().At("pilot", "env", name)}
	if c.Chart == "istiod" {
		found = append(found, c.Root.At("env", name))
	}
	for _, e := range c.Root.At("spec", "components", "pilot", "k8s", "env").Items() {
		if e.Str("name") == name {
			found = append(found, e.Field("value"))
		}
	}
	var out []*document.Value
	for _, v := range found {
		if first(v) != nil && v.Placeholder() == "" {
			out = append(out, v)
		}
	}
	return out
}

func appArmor(p *rule.Pass, c *snapshot.Config, kube facts.Minor) {
	for _, v := range []*document.Value{c.Values().At("cni", "useAppArmorAnnotation"), c.Root.Field("useAppArmorAnnotation")} {
		if v.IsFalse() && kube.Before(appArmorFields) && c.ComponentEnabled("cni") {
			p.Reportf(v, "useAppArmorAnnotation: false needs Kubernetes 1.30; %s ignores the field that takes the annotation's place, and AppArmor may stop istio-cni", kube)
		}
	}
}
