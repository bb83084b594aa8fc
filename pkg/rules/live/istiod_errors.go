package live

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func istiodErrors() *rule.Rule {
	return &rule.Rule{
		ID: "POST019", Name: "istiod-counts-errors", Category: "Control plane", Severity: finding.Info,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.IstiodMetrics},
		Summary: "An istiod counts errors since its start: validators it could not write, certificates it could not sign, pods it could not inject.",
		Why:     "istiod goes on without a word elsewhere, and the fault shows much later and in another place.",
		Fix:     "Read the log of that pod for the error itself.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, told := range p.IstiodMetrics {
				if told.Unknown != "" {
					p.Undecidedf("istiod's pod %s: %s", told.Pod.Name, told.Unknown)
					continue
				}
				looked++
				for _, c := range errorCounters() {
					if n, about := sum(told.Value, c); n > 0 {
						p.Reportf(finding.Location{Object: "Pod/" + podName(told.Pod)}, "istiod's pod %s %s %s since its start%s (metric %s)",
							told.Pod.Name, c.what, times(n), about, c.metric)
					}
				}
			}
			p.Lookedf("%s counted no errors", finding.Count(looked, "istiod pod"))
		},
	}
}

// counter is a metric that is 0 where all is well.
type counter struct{ metric, what, label string }

func errorCounters() []counter {
	return []counter{
		{"galley_validation_config_update_error", "could not change the validating webhook", "reason"},
		{"citadel_server_csr_sign_err_count", "could not sign a certificate", ""},
		{"sidecar_injection_failure_total", "could not inject a pod", ""},
		{"pilot_total_xds_internal_errors", "could not build a configuration", ""},
	}
}

// sum adds up a metric and names the labels that it counts most under.
func sum(metrics []snapshot.Metric, c counter) (total float64, about string) {
	var labels []string
	for _, m := range metrics {
		if m.Name != c.metric || m.Value == 0 || m.Labels[c.label] == "Conflict" { // two istiods at once; they try again
			continue
		}
		total += m.Value
		if l := m.Labels[c.label]; l != "" && !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	if len(labels) > 0 {
		about = ": " + sorted(labels)
	}
	return total, about
}

func times(n float64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%.0f times", n)
}
