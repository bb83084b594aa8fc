package observability

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func metricsMerge() *rule.Rule {
	return each(rule.Rule{
		ID: "TEL001", Name: "metrics-merge", Severity: finding.Info,
		Summary: "Whether application metrics are merged with the proxy's is left to the default, which is yes.",
		Why:     "Merged metrics are served in plain text on port 15020 of every pod, also under strict mTLS.",
		Fix:     "Decide: set meshConfig.enablePrometheusMerge to true, or to false if application metrics are sensitive.",
		Hints:   []string{"S7"},
	}, func(p *rule.Pass, c *snapshot.Config) {
		decision := merging(c)
		switch {
		case p.Settings.SensitiveMetrics:
			sensitive(p, c, decision)
		case decision == nil:
			p.Missingf(c, c.Nearest(c.MeshPath()...), "meshConfig.enablePrometheusMerge is not set: application metrics are merged and served in plain text on port 15020; set it to true or false")
		}
	})
}

// sensitive reports what the repository's own policy forbids.
func sensitive(p *rule.Pass, c *snapshot.Config, decision *document.Value) {
	const why = "application metrics are served in plain text on port 15020, and the configuration file says that they are sensitive; set it to false"
	var f *finding.Finding
	switch {
	case decision == nil:
		f = p.Missingf(c, c.Nearest(c.MeshPath()...), "meshConfig.enablePrometheusMerge is not set, which is true: %s", why)
	case decision.IsTrue() && decision.Placeholder() == "":
		f = p.Reportf(decision.Key(), "meshConfig.enablePrometheusMerge is true: %s", why)
	}
	if f != nil {
		f.Severity = finding.Warning
	}
}

// merging is what the user decided, nil for nothing. Of several places the
// last one wins. The default profile writes the default down, which decides
// nothing.
func merging(c *snapshot.Config) *document.Value {
	var out *document.Value
	for _, mesh := range c.MeshConfigs() {
		if v := mesh.Field("enablePrometheusMerge"); v != nil && v.Kind != document.Null {
			out = v
		}
	}
	return out
}
