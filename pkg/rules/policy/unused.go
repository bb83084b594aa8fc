package policy

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/suppress"
)

func unusedSuppression() *rule.Rule {
	return &rule.Rule{
		ID: "SUP001", Name: "unused-suppression", Category: category, Severity: finding.Warning,
		Stages: anyFile(), Needs: documents(),
		Summary: "A suppression takes nothing out, because its rule finds nothing there.",
		Why:     "It would hide the next mistake in that place without anybody having decided so.",
		Fix:     "Remove the suppression.",
		Review: func(p *rule.Pass, l *suppress.Ledger) {
			for _, s := range l.Stale(suppress.Comment, suppress.Object, suppress.Config) {
				p.Reportf(s.At, "this suppression of %s takes nothing out: the rule finds nothing %s; remove it", s.Rule, s.About)
			}
		},
	}
}
