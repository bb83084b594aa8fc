package scope

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func importsAll() *rule.Rule {
	return &rule.Rule{
		ID: "SDC001", Name: "sidecar-imports-all", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars},
		Summary: "A Sidecar imports everything, by */* or without egress, although the root namespace's Sidecar restricts the mesh.",
		Why:     "It takes the place of the root namespace's, so its workloads get the configuration of the whole mesh and reach what the others do not.",
		Fix:     "List the hosts that its workloads need.",
		Hints:   []string{"X2"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			root := m.SidecarOf(m.Root)
			if root == nil || !mesh.Restricts(root) {
				p.Lookedf("no Sidecar in namespace %s restricts the mesh", m.Root)
				return
			}
			for _, s := range p.Sidecars {
				if s.Namespace == m.Root || mesh.Restricts(s) {
					continue
				}
				if len(s.Spec.GetEgress()) == 0 {
					p.Reportf(snapshot.Place(s, "spec"), "this Sidecar has no egress, which imports everything, while %s/%s restricts the mesh; list the hosts that are needed", root.Namespace, root.Name)
					continue
				}
				for _, i := range mesh.Imports(s) {
					if i.All() {
						p.Reportf(snapshot.Place(s, i.Path), "*/* imports everything, while %s/%s restricts the mesh; list the hosts that are needed", root.Namespace, root.Name)
						break
					}
				}
			}
			p.Lookedf("%s beside %s/%s", finding.Count(len(p.Sidecars), "Sidecar"), root.Namespace, root.Name)
		},
	}
}
