package scope

import (
	"fmt"
	"slices"

	telemetryapi "istio.io/api/telemetry/v1alpha1"
	telemetry "istio.io/client-go/pkg/apis/telemetry/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func telemetryConflict() *rule.Rule {
	return &rule.Rule{
		ID: "SCP006", Name: "telemetry-conflict", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: workloadParts(snapshot.Telemetries),
		Summary: "Two Telemetry objects are for the same workloads, or one turns access logs on or filters them without any provider.",
		Why:     "Of several for a namespace istiod takes the oldest only, of several for a workload it mixes the settings in the order of creation; without a provider there is no log at all, or an unfiltered one.",
		Fix:     "Merge them, and name a provider under accessLogging or defaultProviders.",
		Hints:   []string{"O1"}, Equivalents: []string{"IST0157", "IST0159", "IST0160"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			sorted := slices.Clone(p.Telemetries)
			slices.SortFunc(sorted, mesh.Older[*telemetry.Telemetry])
			plain := map[string]*telemetry.Telemetry{}
			c := claims[*telemetry.Telemetry]{}
			for _, t := range sorted {
				selector := t.Spec.GetSelector().GetMatchLabels()
				switch {
				case len(t.Spec.GetTargetRefs()) > 0 || t.Spec.GetTargetRef() != nil:
				case len(selector) > 0:
					if other, what, ok := c.claim(m, t, t.Namespace, selector); ok {
						p.Reportf(snapshot.Place(t, "spec.selector"), "%s also selects %s, and their settings are mixed in the order of creation; merge them", other.Name, what).Severity = finding.Warning
					}
				case plain[t.Namespace] != nil:
					p.Reportf(snapshot.Place(t, ""), "namespace %s has another Telemetry for all its workloads, %s, and only one counts; merge them", t.Namespace, plain[t.Namespace].Name)
				default:
					plain[t.Namespace] = t
				}
			}
			for _, t := range sorted {
				if !unlogged(p, m, t, plain) {
					unfiltered(p, t)
				}
			}
			p.Lookedf("%s", finding.Count(len(sorted), "Telemetry object"))
		},
	}
}

// unfiltered reports a filter beside which no provider stands: istiod keeps
// filters by the providers named with them.
func unfiltered(p *rule.Pass, t *telemetry.Telemetry) {
	for i, l := range t.Spec.GetAccessLogging() {
		if l.GetFilter() != nil && len(l.GetProviders()) == 0 && !l.GetDisabled().GetValue() {
			p.Reportf(snapshot.Place(t, fmt.Sprintf("spec.accessLogging[%d].filter", i)), "this filter is ignored, because it holds only for providers that are named beside it; name them here too").Severity = finding.Warning
			return
		}
	}
}

// unlogged reports access logs without a provider: none here, none in the
// objects above this one, none in the mesh config.
func unlogged(p *rule.Pass, m *mesh.Mesh, t *telemetry.Telemetry, plain map[string]*telemetry.Telemetry) bool {
	for _, above := range []*telemetry.Telemetry{plain[m.Root], plain[t.Namespace], t} {
		for _, l := range logging(above) {
			if len(l.GetProviders()) > 0 {
				return false
			}
		}
	}
	if len(m.Config.GetDefaultProviders().GetAccessLogging()) > 0 {
		return false
	}
	for i, l := range t.Spec.GetAccessLogging() {
		if l.GetDisabled().GetValue() {
			continue
		}
		if !m.Told {
			p.Undecidedf("whether there is a default provider of access logs stands in the mesh config, which was not seen")
			return false
		}
		p.Reportf(snapshot.Place(t, fmt.Sprintf("spec.accessLogging[%d]", i)), "accessLogging without providers, and the mesh has no default one: nothing is logged, not even to accessLogFile; name a provider").Severity = finding.Warning
		return true
	}
	return false
}

func logging(t *telemetry.Telemetry) []*telemetryapi.AccessLogging {
	if t == nil {
		return nil
	}
	return t.Spec.GetAccessLogging()
}
