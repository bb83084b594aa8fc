package security

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func pathNormalization() *rule.Rule {
	return each(rule.Rule{
		ID: "SEC006", Name: "path-normalization", Category: hardening, Severity: finding.Info, Hints: []string{"C1"},
		Summary: "Request paths are compared with policies as the client wrote them.",
		Why:     "With normalization NONE a policy for /admin does not cover /./admin or //admin, which many servers take for the same.",
		Fix:     "Remove the setting for the default BASE, or choose MERGE_SLASHES or DECODE_AND_MERGE_SLASHES if servers are that lenient.",
	}, func(p *rule.Pass, c *snapshot.Config) {
		for _, m := range c.MeshConfigs() {
			if v := m.At("pathNormalization", "normalization"); v.Str() == "NONE" {
				p.Reportf(v, "paths are not normalized before authorization policies see them, so /./admin passes a rule for /admin; use BASE or more")
			}
		}
	})
}
