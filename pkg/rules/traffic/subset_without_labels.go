package traffic

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func subsetWithoutLabels() *rule.Rule {
	return &rule.Rule{
		ID: "DR007", Name: "subset-without-labels", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.DestinationRules},
		Summary: "A subset of several has neither labels nor a trafficPolicy.",
		Why:     "It stands for all workloads of the host, those of the other subsets included.",
		Fix:     "Give it the labels of its version.", Equivalents: []string{"KIA0209"},
		Run: func(p *rule.Pass) {
			m, n := mesh.Of(p.Snapshot), 0
			for _, r := range m.Rules() {
				n += len(r.Spec.GetSubsets())
				for i, s := range r.Spec.GetSubsets() {
					if len(s.GetLabels()) == 0 && s.GetTrafficPolicy() == nil && len(r.Spec.GetSubsets()) > 1 {
						p.Reportf(snapshot.Place(r.DestinationRule, subsetPath(i)+".name"), "subset %q has no labels: it is all workloads of %s, those of the other subsets included", s.GetName(), r.Spec.GetHost())
					}
				}
			}
			p.Lookedf("%s, all with labels or a policy of their own", finding.Count(n, "subset"))
		},
	}
}
