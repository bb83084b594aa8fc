package scope

import (
	"fmt"

	telemetryapi "istio.io/api/telemetry/v1alpha1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingProvider() *rule.Rule {
	return &rule.Rule{
		ID: "SCP009", Name: "missing-provider", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Telemetries, snapshot.Deployments},
		Summary: "A Telemetry names a provider that the mesh config does not have.",
		Why:     "istiod leaves it out without a word: no trace, no metric and no log is sent.",
		Fix:     "Correct the name, or add the provider to meshConfig.extensionProviders.",
		Hints:   []string{"O1"},
		Run: func(p *rule.Pass) {
			known, looked := mesh.Of(p.Snapshot).Providers(), 0
			for _, t := range p.Telemetries {
				judge := func(section string, i int, refs []*telemetryapi.ProviderRef) {
					for j, ref := range refs {
						looked++
						switch {
						case known.Has(ref.GetName()):
						case known.Unknown != "":
							p.Undecidedf("%s", known.Unknown)
						default:
							p.Reportf(snapshot.Place(t, fmt.Sprintf("spec.%s[%d].providers[%d].name", section, i, j)),
								"the mesh config has no provider %q, so that nothing is sent to it; correct the name, or add it to extensionProviders", ref.GetName())
						}
					}
				}
				for i, one := range t.Spec.GetTracing() {
					if !one.GetDisableSpanReporting().GetValue() {
						judge("tracing", i, one.GetProviders())
					}
				}
				for i, one := range t.Spec.GetMetrics() {
					judge("metrics", i, one.GetProviders())
				}
				for i, one := range t.Spec.GetAccessLogging() {
					if !one.GetDisabled().GetValue() {
						judge("accessLogging", i, one.GetProviders())
					}
				}
			}
			p.Lookedf("%s of Telemetry objects, all in the mesh config", finding.Count(looked, "provider"))
		},
	}
}
