package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func metricsMerge() *rule.Rule {
	return &rule.Rule{
		ID: "TEL001", Name: "metrics-merge", Category: fieldsCategory, Severity: finding.Info,
		Stages: validate(), Needs: configuration(),
		Summary: "Whether application metrics are merged with the proxy's is left to the default, which is yes.",
		Why:     "Merged metrics are served in plain text on port 15020 of every pod, also under strict mTLS.",
		Fix:     "Decide: set meshConfig.enablePrometheusMerge to true, or to false if application metrics are sensitive.",
		Hints:   []string{"S7"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if (c.IsMesh() || c.ComponentEnabled("pilot")) && !decided(c) {
					p.Missingf(c, c.Nearest(meshPath(c)...), "meshConfig.enablePrometheusMerge is not set: application metrics are merged and served in plain text on port 15020; set it to true or false")
				}
			}
		},
	}
}

func decided(c *snapshot.Config) bool {
	for _, mesh := range c.MeshConfigs() {
		if v := mesh.Field("enablePrometheusMerge"); v != nil && v.Kind != document.Null {
			return true
		}
	}
	return false
}

func meshPath(c *snapshot.Config) []string {
	if c.IsOperator() {
		return []string{"spec", "meshConfig"}
	}
	if c.IsMesh() {
		return nil
	}
	return []string{"meshConfig"}
}
