package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func autoscalerWithoutRequest() *rule.Rule {
	return &rule.Rule{
		ID: "VAL020", Name: "autoscaler-without-request", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "An autoscaler follows the use of a resource that the container does not request.",
		Why:     "The use is measured in parts of the request, so without one the autoscaler never scales.",
		Fix:     "Give the container a request or a limit of that resource, or switch autoscaling off.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, w := range workloads(c) {
					if w.autoscaled() {
						unmeasured(p, c, w)
					}
				}
			}
		},
	}
}

func unmeasured(p *rule.Pass, c *snapshot.Config, w workload) {
	for _, m := range w.measured() {
		kind := m.resource
		request, limit := w.resources().At("requests", kind), w.resources().At("limits", kind)
		if set(request, limit) != nil || w.resources().Placeholder() != "" || w.resources().Field("requests").Placeholder() != "" {
			continue
		}
		p.Missingf(c, w.place(request, w.resources().Field("requests"), w.resources(), m.target),
			"the autoscaler of %s follows the use of %s, but its container requests none; it would never scale", w.name, kind)
	}
}

// metric is a resource whose use an autoscaler follows, and the value that
// says so.
type metric struct {
	resource string
	target   *document.Value
}

func (w workload) measured() []metric {
	var out []metric
	if metrics := w.k8s.At("hpaSpec", "metrics"); metrics != nil {
		for _, m := range metrics.Items() {
			if v := m.At("resource", "target", "averageUtilization"); v != nil {
				out = append(out, metric{m.Str("resource", "name"), v})
			}
		}
		return out
	}
	for _, kind := range []string{"cpu", "memory"} {
		if v := set(w.values.At(kind, "targetAverageUtilization")); v != nil && v.Scalar() {
			out = append(out, metric{kind, v})
		}
	}
	return out
}
