package observability

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func metricsMerge() *rule.Rule {
	return missing(rule.Rule{
		ID: "TEL001", Name: "metrics-merge", Severity: finding.Info,
		Summary: "Whether application metrics are merged with the proxy's is left to the default, which is yes.",
		Why:     "Merged metrics are served in plain text on port 15020 of every pod, also under strict mTLS.",
		Fix:     "Decide: set meshConfig.enablePrometheusMerge to true, or to false if application metrics are sensitive.",
		Hints:   []string{"S7"},
	}, merging, "meshConfig.enablePrometheusMerge is not set: application metrics are merged and served in plain text on port 15020; set it to true or false")
}

// merging says whether the user decided about it; the default profile writes
// the default down, which decides nothing.
func merging(c *snapshot.Config) bool {
	for _, mesh := range c.MeshConfigs() {
		if v := mesh.Field("enablePrometheusMerge"); v != nil && v.Kind != document.Null {
			return true
		}
	}
	return false
}
