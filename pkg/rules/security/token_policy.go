package security

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func tokenPolicy() *rule.Rule {
	return each(rule.Rule{
		ID: "SEC008", Name: "token-policy", Category: hardening, Severity: finding.Warning, Hints: []string{"C1"},
		Summary: "global.jwtPolicy asks for first-party tokens, which Istio 1.22 and later no longer take.",
		Why:     "Before 1.22 the tokens neither expire nor name whom they are for; since then the setting has no effect, and clusters without token projection do not work.",
		Fix:     "Remove the setting.",
	}, func(p *rule.Pass, c *snapshot.Config) {
		v := c.Values().At("global", "jwtPolicy")
		switch {
		case v.Str() != "first-party-jwt":
		case c.Istio.Before(facts.Minor{Major: 1, Minor: 22}):
			p.Reportf(v, "first-party tokens neither expire nor name whom they are for; remove jwtPolicy")
		case c.IsOperator(): // the charts no longer have the field at all
			p.Reportf(v, "jwtPolicy first-party-jwt has no effect since Istio 1.22, proxies use bound tokens; remove it").
				Propose(v.Remove(c.Root.Field("spec")), "remove it")
		}
	})
}
