package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func deadValue() *rule.Rule {
	return &rule.Rule{
		ID: "VAL006", Name: "dead-value", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "A value is accepted in an IstioOperator, but no chart of the target version reads it.",
		Why:     "Nothing reports it, and whoever reads the file believes that the setting has an effect.",
		Fix:     "Remove the value, or use the one that the message names.",
		Hints:   []string{"S3"},
		Run:     func(p *rule.Pass) { report(p, schema.Dead, anywhere) },
	}
}
