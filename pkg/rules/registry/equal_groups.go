package registry

import (
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func equalGroups() *rule.Rule {
	return &rule.Rule{
		ID: "VM004", Name: "equal-workload-groups", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.WorkloadGroups},
		Summary: "Two WorkloadGroups of a namespace give their machines the same labels.",
		Why:     "Services, policies and rules cannot tell the machines of one from those of the other.",
		Fix:     "Give one another label, or merge them.",
		Hints:   []string{"P4"}, Equivalents: []string{"KIA1702"},
		Run: func(p *rule.Pass) {
			sorted := slices.Clone(p.WorkloadGroups)
			slices.SortFunc(sorted, mesh.Older[*networking.WorkloadGroup])
			known := map[string]*networking.WorkloadGroup{}
			for _, g := range sorted {
				own := labels.Set(g.Spec.GetMetadata().GetLabels())
				if len(own) == 0 {
					continue
				}
				key := g.Namespace + "/" + own.String()
				if other := known[key]; other != nil {
					p.Reportf(snapshot.Place(g, "spec.metadata.labels"), "WorkloadGroup %s has the same labels, %s; give one another label", other.Name, own)
					continue
				}
				known[key] = g
			}
			p.Lookedf("%s", finding.Count(len(sorted), "WorkloadGroup"))
		},
	}
}
