package injection

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalLabels() *rule.Rule {
	return &rule.Rule{
		ID: "INJ003", Name: "several-mesh-labels", Category: category, Severity: finding.Warning,
		Stages:      []rule.Stage{rule.Precheck, rule.Verify, rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Namespaces},
		Summary:     "A namespace has labels that join its pods to the mesh in different ways.",
		Why:         "One label silently wins: istio-injection over istio.io/rev, and a sidecar over ambient mode.",
		Fix:         "Leave one of the labels.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0123", "KIA1311", "KIA1315", "KIA1316"},
		Run: func(p *rule.Pass) {
			spaces := users(p)
			var both, mixed []string
			for _, ns := range spaces {
				injection, rev := ns.Labels[injectionLabel], ns.Labels[revisionLabel]
				if injection == enabled && rev != "" {
					both = append(both, ns.Name)
				}
				if ns.Labels[dataplaneLabel] == ambient && (injection == enabled || injection == "" && rev != "") {
					mixed = append(mixed, ns.Name)
				}
			}
			if len(both) > 0 {
				p.Reportf(first(both), "%s: istio-injection=enabled wins over istio.io/rev, which is not looked at", rule.Some(both))
			}
			if len(mixed) > 0 {
				p.Reportf(first(mixed), "%s: the pods get a sidecar, which istio.io/dataplane-mode=ambient does not take", rule.Some(mixed))
			}
			p.Lookedf("%s", finding.Count(len(spaces), "namespace"))
		},
	}
}
