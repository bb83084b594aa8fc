package security

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func plainText() *rule.Rule {
	return each(rule.Rule{
		ID: "SEC004", Name: "istiod-plain-text", Category: hardening, Severity: finding.Info, Hints: []string{"C1"},
		Summary: "istiod is used or can be asked without TLS.",
		Why:     "Whoever reaches port 15010 or 8080 of istiod reads the configuration of the whole mesh, and on the way it can be changed.",
		Fix:     "Let proxies use port 15012, set ENABLE_DEBUG_ON_HTTP to false, and close port 15010 with --grpcAddr=\"\" or a NetworkPolicy.",
	}, func(p *rule.Pass, c *snapshot.Config) {
		for _, m := range c.MeshConfigs() {
			if v := m.At("defaultConfig", "discoveryAddress"); strings.HasSuffix(v.Str(), ":15010") {
				as(p.Reportf(v, "port 15010 of istiod is plain text; use 15012"), finding.Warning)
			}
		}
		debugEndpoints(p, c)
	})
}

// debugEndpoints reports the endpoints that show the configuration. Istio
// 1.29, and late patches of 1.27 and 1.28, ask callers who they are.
func debugEndpoints(p *rule.Pass, c *snapshot.Config) {
	off := false
	for _, e := range c.Env() {
		off = off || e.Name == "ENABLE_DEBUG_ON_HTTP" && e.Value.Str() == "false"
		if e.Name == "ENABLE_DEBUG_ENDPOINT_AUTH" && e.Value.Str() == "false" {
			p.Reportf(e.Value, "istiod answers debug requests of every namespace; remove the variable")
		}
	}
	if !off && !c.IsMesh() && c.Complete() && c.Istio.Before(facts.Minor{Major: 1, Minor: 27}) {
		p.Reportf(c.Nearest(envPath(c)...), "istiod %s shows the mesh's configuration on port 8080 to everybody who reaches it; set pilot.env.ENABLE_DEBUG_ON_HTTP to \"false\"", c.Istio)
	}
}

func envPath(c *snapshot.Config) []string {
	if c.IsOperator() {
		return []string{"spec", "values", "pilot", "env"}
	}
	return []string{"pilot", "env"}
}
