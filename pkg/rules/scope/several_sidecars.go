package scope

import (
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalSidecars() *rule.Rule {
	return &rule.Rule{
		ID: "SDC003", Name: "several-sidecars", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars},
		Summary: "A namespace has more than one Sidecar without a workloadSelector.",
		Why:     "istiod takes the oldest and leaves the others out, so which hosts the namespace reaches depends on the order of creation.",
		Fix:     "Merge them into one, or give all but one a workloadSelector.",
		Hints:   []string{"X3"}, Equivalents: []string{"IST0111", "KIA0002"},
		Run: func(p *rule.Pass) {
			plain := map[string][]*networking.Sidecar{}
			for _, s := range p.Sidecars {
				if len(s.Spec.GetWorkloadSelector().GetLabels()) == 0 {
					plain[s.Namespace] = append(plain[s.Namespace], s)
				}
			}
			for namespace, several := range plain {
				if len(several) < 2 {
					continue
				}
				slices.SortFunc(several, mesh.Older[*networking.Sidecar])
				for _, s := range several[1:] {
					p.Reportf(snapshot.Place(s, ""), "namespace %s has another Sidecar without workloadSelector, %s, and only one counts", namespace, several[0].Name)
				}
			}
			p.Lookedf("%s, at most one without workloadSelector in a namespace", finding.Count(len(p.Sidecars), "Sidecar"))
		},
	}
}
