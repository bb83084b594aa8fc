package values

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func unknownValue() *rule.Rule {
	return &rule.Rule{
		ID: "VAL002", Name: "unknown-value", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A field below spec.values of an IstioOperator does not exist in the target version.",
		Why:     "istioctl refuses the whole file, names only the first such field and gives no line.",
		Fix:     "Rename the field, remove it, or set it under spec.unvalidatedValues if the chart reads it.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			report(p, schema.Unknown, func(s facts.Surface) bool { return s == facts.Values })
		},
	}
}
