package values

import (
	"strconv"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func disruptionBudget() *rule.Rule {
	return &rule.Rule{
		ID: "VAL019", Name: "disruption-budget", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "A PodDisruptionBudget is not made, forbids every eviction, or sets both of its bounds.",
		Why:     "A node with such a pod can never be drained, or one drain takes all pods at once although a budget is written.",
		Fix:     "Run at least two pods and let the budget allow one to be missing: minAvailable below the minimum of pods, or maxUnavailable: 1.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, w := range workloads(c) {
					budget(p, w)
				}
			}
		},
	}
}

// budgetOf is the budget in effect: of the component's k8s settings, which are
// patched onto the chart's, or of the values.
func budgetOf(w workload) (least, most *document.Value) {
	pdb := document.Merge(w.values.Field("pdb"), w.k8s.Field("podDisruptionBudget"))
	return set(pdb.Field("minAvailable")), set(pdb.Field("maxUnavailable"))
}

func budget(p *rule.Pass, w workload) {
	least, most := budgetOf(w)
	if w.wrote(least) && w.wrote(most) {
		both(p, w, least, most)
		return
	}
	if most != nil {
		least = nil // the default of the other gives way
	}
	at := w.place(least, most)
	fewest, known := w.fewest()
	if !known || !w.wrote(least) && !w.wrote(most) {
		return
	}
	if fewest < 2 {
		unmade(p, w, at, fewest, least)
		return
	}
	if blocks(least, most, fewest) {
		p.Reportf(at, "the budget of %s allows no pod to be missing while it has its minimum of %d pods, so its nodes cannot be drained", w.name, fewest)
	}
}

func both(p *rule.Pass, w workload, least, most *document.Value) {
	f := p.Reportf(w.original(least).Key(), "minAvailable and maxUnavailable are both set for %s: only maxUnavailable is used", w.name)
	if w.chartGateway() {
		f.Severity = finding.Error
		f.Message = "minAvailable and maxUnavailable are both set for " + w.name + "; the API server refuses such a budget"
	}
	f.Related = []finding.Related{{Message: "maxUnavailable stands here", At: w.original(most).Location()}}
}

// unmade reports a budget that the charts leave out because there may be one
// pod only. The default of chart istiod, copied, is no such wish.
func unmade(p *rule.Pass, w workload, at finding.Locator, fewest int, least *document.Value) {
	if w.k8s.Field("podDisruptionBudget") == nil && least != nil && least.Text == "1" && w.name == "istiod" {
		return
	}
	p.Reportf(at, "no budget is made for %s, because its minimum is %d pod; set %s to 2 or more", w.name, fewest, w.minimumPods())
}

func (w workload) minimumPods() string {
	if truth(w.values.Field("autoscaleEnabled")) {
		return w.minimum()
	}
	return "replicaCount"
}

// blocks says whether a budget lets no pod go of the given number.
func blocks(least, most *document.Value, pods int) bool {
	if most != nil {
		n, _, ok := portion(most)
		return ok && n == 0
	}
	n, percent, ok := portion(least)
	if !ok {
		return false
	}
	if percent {
		return (n*pods+99)/100 >= pods
	}
	return n >= pods
}

// portion reads a number of pods or a percentage.
func portion(v *document.Value) (n int, percent, ok bool) {
	if !v.Scalar() || v.Kind == document.Null || v.Placeholder() != "" {
		return 0, false, false
	}
	text, percent := strings.CutSuffix(v.Text, "%")
	n, err := strconv.Atoi(text)
	return n, percent, err == nil && n >= 0
}
