package scope

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func rootSelector() *rule.Rule {
	return &rule.Rule{
		ID: "SDC008", Name: "root-sidecar-with-selector", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars},
		Summary: "A Sidecar in the root namespace has a workloadSelector.",
		Why:     "With one it is no default for the mesh: it only holds for workloads in the root namespace itself.",
		Fix:     "Remove the selector, or move the Sidecar to the namespace of the workloads.",
		Hints:   []string{"X5"}, Equivalents: []string{"KIA1006"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, s := range p.Sidecars {
				if s.Namespace == m.Root && len(s.Spec.GetWorkloadSelector().GetLabels()) > 0 {
					p.Reportf(snapshot.Place(s, "spec.workloadSelector"), "in the root namespace %s a Sidecar with a workloadSelector is not for the whole mesh; remove the selector or move it to the workloads' namespace", m.Root)
				}
			}
			p.Lookedf("%s, root namespace %s", finding.Count(len(p.Sidecars), "Sidecar"), m.Root)
		},
	}
}
