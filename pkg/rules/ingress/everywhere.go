package ingress

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func everywhere() *rule.Rule {
	return &rule.Rule{
		ID: "GWY016", Name: "gateway-everywhere", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: edges(),
		Summary: "A Gateway has no selector, so that every gateway of the mesh takes it.",
		Why:     "Its ports and hosts are then open at each of them, those for what leaves the mesh or comes from other clusters included, and those that are installed later.",
		Fix:     "Give spec.selector the labels of the gateway's pods.",
		Run: func(p *rule.Pass) {
			names := gatewayNames(mesh.Of(p.Snapshot))
			for _, g := range p.Gateways {
				if len(g.Spec.GetSelector()) > 0 {
					continue
				}
				f := p.Reportf(snapshot.Place(g, "spec"), "without a selector this is for every gateway of the mesh%s; select one by its labels", shownGateways(names))
				if len(names) > 1 {
					f.Severity = finding.Warning
				}
			}
			p.Lookedf("%s, each for one gateway", finding.Count(len(p.Gateways), "Gateway"))
		},
	}
}

// gatewayNames are the gateways that take a Gateway without a selector.
func gatewayNames(m *mesh.Mesh) []string {
	var out []string
	for _, e := range m.Edges() {
		if e.Class != mesh.WaypointClass {
			out = append(out, e.String())
		}
	}
	return out
}

func shownGateways(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", here " + rule.Some(names)
}
