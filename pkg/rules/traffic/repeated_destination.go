package traffic

import (
	"fmt"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func repeatedDestination() *rule.Rule {
	return &rule.Rule{
		ID: "VS009", Name: "repeated-destination", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "A route splits between destinations of which two are the same.",
		Why:     "Their weights add up, which a split is not written for: one of them is probably to be another subset.",
		Fix:     "Correct the host or subset of one, or make one of both.", Equivalents: []string{"KIA1105"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			n := 0
			for _, v := range m.Routing() {
				for _, s := range splits(v) {
					n++
					repeated(p, m, v, s)
				}
			}
			p.Lookedf("%s, each to different destinations", finding.Count(n, "route"))
		},
	}
}

// repeated reports destinations of a split that are there already. Headers of
// their own make a difference.
func repeated(p *rule.Pass, m *mesh.Mesh, v *mesh.VirtualService, s split) {
	if len(s.parts) < 2 {
		return
	}
	seen := map[string]int{}
	for i, d := range s.parts {
		key := fmt.Sprintf("%s|%s|%d|%v", m.FQDN(d.to.GetHost(), v.Namespace), d.to.GetSubset(), d.to.GetPort().GetNumber(), d.headers)
		first, there := seen[key]
		if !there {
			seen[key] = i
			continue
		}
		what := d.to.GetHost()
		if d.to.GetSubset() != "" {
			what += " subset " + d.to.GetSubset()
		}
		p.Reportf(snapshot.Place(v.VirtualService, fmt.Sprintf("%s[%d].destination", s.path, i)), "%s is destination %d of this route already", what, first+1)
	}
}
