package values

import (
	"cmp"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func gatewayName() *rule.Rule {
	return &rule.Rule{
		ID: "VAL021", Name: "gateway-name", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A gateway has no name, one that Kubernetes refuses, or the name of another gateway in the same namespace.",
		Why:     "Its objects cannot be created, or two gateways overwrite each other's.",
		Fix:     "Give each gateway a name of its own of lower-case letters, digits and dashes that begins with a letter.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				switch {
				case c.IsOperator():
					operatorNames(p, c)
				case c.Chart == "gateway":
					if v := first(c.Root.Field("name")); v != nil {
						wellNamed(p, v)
					}
				}
			}
		},
	}
}

func operatorNames(p *rule.Pass, c *snapshot.Config) {
	seen := map[string]*document.Value{}
	for _, g := range gateways(c.Root) {
		name := g.entry.Field("name")
		if g.entry.IsFalse("enabled") || name != nil && name.Placeholder() != "" {
			continue
		}
		if first(name) == nil {
			nameless(p, g)
			continue
		}
		if !wellNamed(p, name) {
			continue
		}
		key := cmp.Or(g.entry.Str("namespace"), c.Namespace()) + "/" + name.Text
		if other := seen[key]; other != nil {
			f := p.Reportf(name, "a second gateway has the name %q in the same namespace; their objects overwrite each other", name.Text)
			f.Related = []finding.Related{{Message: "the first one stands here", At: other.Location()}}
			continue
		}
		seen[key] = name
	}
}

func nameless(p *rule.Pass, g gatewayEntry) {
	at := g.entry.Location()
	if name := g.entry.Field("name"); name != nil {
		at = name.Location()
	}
	p.Reportf(at, "a gateway without a name: its objects would be named null; write name: %s", g.root)
}

// longestService is what the name of a Service may have.
const longestService = 63

func wellNamed(p *rule.Pass, name *document.Value) bool {
	switch {
	case name.Placeholder() != "":
	case !serviceForm.MatchString(name.Text):
		p.Reportf(name, "gateway name %q is no valid name for a Service: it may hold lower-case letters, digits and dashes, and begins with a letter, as in %q",
			name.Text, gatewayNamed(name.Text))
		return false
	case len(name.Text) > longestService:
		p.Reportf(name, "gateway name %q has %d letters; the name of its Service may have %d", name.Text, len(name.Text), longestService)
		return false
	}
	return true
}

func gatewayNamed(text string) string {
	fixed := relabelled(text)
	if fixed[0] >= '0' && fixed[0] <= '9' {
		return "gateway-" + fixed
	}
	return fixed
}
