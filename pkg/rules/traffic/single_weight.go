package traffic

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func singleWeight() *rule.Rule {
	return &rule.Rule{
		ID: "VS008", Name: "single-weight", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "The only destination of a route has a weight other than 100.",
		Why:     "It gets all requests whatever the weight says, so the rest of the split is probably missing.",
		Fix:     "Add the other destinations, or remove the weight.", Equivalents: []string{"KIA1104"},
		Run: func(p *rule.Pass) {
			n := 0
			for _, v := range mesh.Of(p.Snapshot).Routing() {
				for _, s := range splits(v) {
					n++
					if len(s.parts) == 1 && s.parts[0].weight != 0 && s.parts[0].weight != 100 {
						p.Reportf(snapshot.Place(v.VirtualService, s.path+"[0].weight"), "weight %d of the only destination means nothing: %s gets all requests", s.parts[0].weight, s.parts[0].to.GetHost())
					}
				}
			}
			p.Lookedf("%s", finding.Count(n, "route"))
		},
	}
}
