package policy

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/suppress"
)

func fixedBaseline() *rule.Rule {
	return &rule.Rule{
		ID: "SUP003", Name: "fixed-baseline", Category: category, Severity: finding.Info,
		Stages: anyFile(), Needs: documents(),
		Summary: "The baseline holds a finding that is no longer there.",
		Why:     "The entry would hide the same mistake if it came back.",
		Fix:     "Write the baseline anew with --write-baseline.",
		Review: func(p *rule.Pass, l *suppress.Ledger) {
			for _, s := range l.Stale(suppress.Baseline) {
				if s.Taken > 0 {
					p.Reportf(s.At, "the baseline counts %d findings of %s %s and only %d of them %s left; write it anew with --write-baseline",
						s.Limit, s.Rule, s.About, s.Taken, verb(s.Taken))
					continue
				}
				p.Reportf(s.At, "%s finds nothing any more %s; write the baseline anew with --write-baseline", s.Rule, s.About)
			}
		},
	}
}

func verb(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
