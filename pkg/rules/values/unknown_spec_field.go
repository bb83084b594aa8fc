package values

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func unknownSpecField() *rule.Rule {
	return &rule.Rule{
		ID: "VAL001", Name: "unknown-spec-field", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A field of an IstioOperator or its spec does not exist in the target version.",
		Why:     "istioctl refuses the whole file, names only the first such field and gives no line.",
		Fix:     "Rename the field to the suggested one, move it to the place named, or remove it.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if !c.IsOperator() {
					continue
				}
				for _, issue := range schema.CheckRoot(c.Root, c.Istio) {
					p.Reportf(issue.Value.Key(), "%s", issue.Message).Fix = issue.Fix()
				}
			}
			report(p, schema.Unknown, func(s facts.Surface) bool { return s == facts.Spec })
		},
	}
}
