package scope

import (
	"slices"

	security "istio.io/client-go/pkg/apis/security/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalPeers() *rule.Rule {
	return &rule.Rule{
		ID: "SCP008", Name: "several-peer-authentications", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: workloadParts(snapshot.PeerAuthentications),
		Summary: "Two PeerAuthentications are for the same workloads: both without selector in a namespace, or both with one that fits.",
		Why:     "istiod takes the oldest and leaves the other out, so whether plain text is refused depends on the order of creation.",
		Fix:     "Merge them, or make their selectors disjoint.",
		Hints:   []string{"X6"}, Equivalents: []string{"KIA0002", "KIA0003"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			sorted := slices.Clone(p.PeerAuthentications)
			slices.SortFunc(sorted, mesh.Older[*security.PeerAuthentication])
			plain := map[string]*security.PeerAuthentication{}
			c := claims[*security.PeerAuthentication]{ambient: true}
			for _, a := range sorted {
				selector := a.Spec.GetSelector().GetMatchLabels()
				other := plain[a.Namespace]
				switch {
				case len(selector) > 0:
					if other, what, ok := c.claim(m, a, a.Namespace, selector); ok {
						p.Reportf(snapshot.Place(a, "spec.selector"), "%s also selects %s, and only that one counts there; merge them or make the selectors disjoint", other.Name, what)
					}
				case other != nil:
					p.Reportf(snapshot.Place(a, ""), "namespace %s has another PeerAuthentication without selector, %s, and only one counts; merge them", a.Namespace, other.Name)
				default:
					plain[a.Namespace] = a
				}
			}
			p.Lookedf("%s", finding.Count(len(sorted), "PeerAuthentication"))
		},
	}
}
