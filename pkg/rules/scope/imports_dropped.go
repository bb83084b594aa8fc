package scope

import (
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func importsDropped() *rule.Rule {
	return &rule.Rule{
		ID: "SDC006", Name: "sidecar-drops-imports", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars},
		Summary: "A namespace's Sidecar does not list hosts that the root namespace's Sidecar lists.",
		Why:     "Sidecars do not inherit: the namespace's takes the place of the root namespace's, and its workloads lose what was meant for all, such as istio-system/*.",
		Fix:     "Copy the hosts into the namespace's Sidecar.",
		Hints:   []string{"X5"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			root := m.SidecarOf(m.Root)
			if root == nil || !mesh.Restricts(root) {
				p.Lookedf("no Sidecar in namespace %s restricts the mesh", m.Root)
				return
			}
			forAll := mesh.Imports(root)
			for _, s := range p.Sidecars {
				if s.Namespace == m.Root || m.SidecarOf(s.Namespace) != s || len(s.Spec.GetEgress()) == 0 {
					continue
				}
				if lost := dropped(s, forAll); len(lost) > 0 {
					p.Reportf(snapshot.Place(s, "spec.egress"), "%s/%s lists %s for all, and this Sidecar, which takes its place, does not; copy what is needed", root.Namespace, root.Name, rule.First(lost))
				}
			}
			p.Lookedf("%s beside %s/%s", finding.Count(len(p.Sidecars), "Sidecar"), root.Namespace, root.Name)
		},
	}
}

// dropped are the imports for all that a Sidecar does not cover.
func dropped(s *networking.Sidecar, forAll []mesh.Import) []string {
	own := mesh.Imports(s)
	var out []string
	for _, want := range forAll {
		if want.Excluded || want.Own || want.All() {
			continue
		}
		covered := false
		for _, have := range own {
			covered = covered || !have.Excluded && have.Takes(want.Host, want.Namespace)
		}
		if !covered {
			out = append(out, want.Text)
		}
	}
	return out
}
