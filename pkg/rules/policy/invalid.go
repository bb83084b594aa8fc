package policy

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/suppress"
)

func invalidSuppression() *rule.Rule {
	return &rule.Rule{
		ID: "SUP002", Name: "invalid-suppression", Category: category, Severity: finding.Warning,
		Stages: anyFile(), Needs: documents(),
		Summary: "A suppression in a comment or an annotation has no reason, names no known rule, or stands where it covers nothing.",
		Why:     "It is not obeyed, so what it was written for is still reported.",
		Fix:     "Write `# meshctl:ignore RULE -- reason` behind the line, or directly above it; in annotation meshctl.io/ignore of an object, write `RULE: reason`.",
		Review: func(p *rule.Pass, l *suppress.Ledger) {
			for _, e := range l.Broken() {
				p.Reportf(e.At, "this suppression is not obeyed: %s", e.Problem)
			}
		},
	}
}
