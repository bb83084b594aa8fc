package clusters

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func meshID() *rule.Rule {
	return about(rule.Rule{
		ID: "MC008", Name: "different-mesh-ids", Severity: finding.Info,
		Summary: "Clusters of one mesh have different mesh IDs.",
		Why:     "Telemetry takes their workloads for those of two meshes.",
		Fix:     "Set one values.global.meshID in every cluster of the mesh.",
	}, func(p *rule.Pass, g *group) {
		var first *member
		for _, m := range g.primaries() {
			switch {
			case m.meshID == "":
			case first == nil:
				first = m
			case m.meshID != first.meshID:
				p.Reportf(m.config("defaultConfig.meshId"), "mesh ID %q is %q in %s, which is of the same mesh: set one values.global.meshID", m.meshID, first.meshID, first.name)
			}
		}
	}, snapshot.Configuration)
}
