package ports

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func listenerConflicts() *rule.Rule {
	return &rule.Rule{
		ID: "SVC002", Name: "listener-conflicts", Category: category, Severity: finding.Warning,
		Stages: []rule.Stage{rule.Verify}, Needs: []snapshot.Part{snapshot.IstiodMetrics},
		Summary: "istiod counts listeners that it cannot make because others have their address and port.",
		Why:     "Of two services that want the same listener one gets it, and the other's traffic goes where the first one's does.",
		Fix:     "Give one of the services that the metric names another port, or declare the same protocol for both.",
		Hints:   []string{"S12"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, told := range p.IstiodMetrics {
				if told.Unknown != "" {
					p.Undecidedf("istiod's pod %s: %s", told.Pod.Name, told.Unknown)
					continue
				}
				looked++
				if total, names := conflicts(told.Value); total > 0 {
					p.Reportf(finding.Location{Object: "Pod/" + told.Pod.Namespace + "/" + told.Pod.Name}, "istiod's pod %s leaves out %s that others have the place of (metric %s); give one of the services another port",
						told.Pod.Name, finding.Count(total, "listener"), rule.Some(names))
				}
			}
			p.Lookedf("%s left out no listeners", finding.Count(looked, "istiod pod"))
		},
	}
}

// conflicts adds up the metrics of listeners that are in each other's way, and
// names them.
func conflicts(metrics []snapshot.Metric) (total int, names []string) {
	for _, m := range metrics {
		if m.Value <= 0 || !strings.HasPrefix(m.Name, "pilot_conflict_outbound_listener_") && m.Name != "pilot_conflict_inbound_listener" {
			continue
		}
		total += int(m.Value)
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return total, slices.Compact(names)
}
