package meshconfig

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func exportToEverybody() *rule.Rule {
	return &rule.Rule{
		ID: "SCP001", Name: "exported-to-everybody", Category: category, Severity: finding.Info,
		Stages: stages(), Needs: configuration(),
		Summary: "Nothing limits who sees services, virtual services and destination rules: each is visible in every namespace.",
		Why:     "Every proxy gets the configuration of the whole mesh, and any namespace can route another one's hosts.",
		Fix:     "Set defaultServiceExportTo, defaultVirtualServiceExportTo and defaultDestinationRuleExportTo, to [\".\"] or, to keep it as it is, to [\"*\"].",
		Hints:   []string{"X1"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if c.HoldsMesh() && !limits(c) {
					p.Missingf(c, c.Nearest(c.MeshPath()...), "meshConfig sets no default exportTo: services, virtual services and destination rules are visible in every namespace; set defaultServiceExportTo and its like to [\".\"], or to [\"*\"] if that is meant")
				}
			}
		},
	}
}

func limits(c *snapshot.Config) bool {
	for _, name := range []string{"defaultServiceExportTo", "defaultVirtualServiceExportTo", "defaultDestinationRuleExportTo"} {
		if oneOf(c.Mesh(), name) != nil {
			return true
		}
	}
	return false
}
