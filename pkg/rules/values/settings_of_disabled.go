package values

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func settingsOfDisabled() *rule.Rule {
	return &rule.Rule{
		ID: "VAL025", Name: "settings-of-disabled", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "Values are given for a component that is not installed.",
		Why:     "The values look as if they did something; most often the switch of the component was forgotten.",
		Fix:     "Enable the component under spec.components, or remove the values.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if c.IsOperator() && c.Effective != nil {
					disabled(p, c)
				}
			}
		},
	}
}

func disabled(p *rule.Pass, c *snapshot.Config) {
	values := c.Root.At("spec", "values")
	for _, name := range []string{"cni", "ztunnel"} {
		v := values.Field(name)
		if len(v.Fields()) == 0 || c.ComponentEnabled(name) {
			continue
		}
		unused(p, v, "spec.components."+name, c.Root.At("spec", "components", name).IsFalse("enabled"))
	}
	for _, kind := range []string{"ingress", "egress"} {
		v := values.At("gateways", "istio-"+kind+"gateway")
		if len(v.Fields()) == 0 || v.IsTrue("enabled") || installsGateway(c, kind) {
			continue
		}
		unused(p, v, "a gateway in spec.components."+kind+"Gateways", false)
	}
}

// unused reports values without a component. Where the user did not switch it
// off, another file may switch it on.
func unused(p *rule.Pass, v *document.Value, component string, off bool) {
	if off {
		p.Reportf(v.Key(), "%s has no effect: %s is not enabled", v.Path(), component)
		return
	}
	f := p.Reportf(v.Key(), "%s has no effect unless another file enables %s", v.Path(), component)
	f.Severity = finding.Info
}

func installsGateway(c *snapshot.Config, kind string) bool {
	return slices.ContainsFunc(gateways(c.Effective), func(g gatewayEntry) bool {
		return g.root == "istio-"+kind+"gateway" && !g.entry.IsFalse("enabled")
	})
}
