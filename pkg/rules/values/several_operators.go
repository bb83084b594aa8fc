package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func severalOperators() *rule.Rule {
	return &rule.Rule{
		ID: "DOC004", Name: "several-operators", Category: filesCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: documents(),
		Summary: "One file holds several objects where only one can be used.",
		Why:     "Pasted together without --- only a mixture of them is read, and istioctl refuses a file with several IstioOperators for -f.",
		Fix:     "Put a line with --- between objects, and give -f one IstioOperator a file.",
		Run: func(p *rule.Pass) {
			for _, d := range p.Documents {
				if second := pasted(d); second != nil {
					f := p.Reportf(second.At, "a second object begins here without a line of --- above it; its fields mix with the first one's")
					f.Related = []finding.Related{{Message: "the first object's kind", At: second.First}}
				}
				for _, problem := range d.Problems {
					if problem.Kind == document.Several {
						f := p.Reportf(problem.At, "%s", problem.Message)
						f.Related = []finding.Related{{Message: "the IstioOperator", At: problem.First}}
						if d.Root.Str("kind") != "IstioOperator" {
							f.Severity = finding.Warning // meshctl leaves it alone
						}
					}
				}
			}
		},
	}
}
