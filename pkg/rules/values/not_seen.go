package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func valuesNotSeen() *rule.Rule {
	return &rule.Rule{
		ID: "DOC007", Name: "values-not-seen", Category: filesCategory, Severity: finding.Info,
		Stages: validate(), Needs: configuration(),
		Summary: "A part of the values is kept where the check does not see it.",
		Why:     "Only what is seen can be judged: a mistake in the other part passes unnoticed.",
		Fix:     "Give the other files to validate as well, or check what the tool renders.",
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if w := c.Wrapper; w != nil && w.Replaced != nil {
					p.Reportf(w.Replaced.Key(), "%s: these values are not read, because valuesObject beside them replaces them", c.Name()).Severity = finding.Warning
				}
				for _, u := range c.Unseen {
					if !u.Silent {
						p.Reportf(u.At, "%s: %s", c.Name(), u.Message)
					}
				}
			}
		},
	}
}
