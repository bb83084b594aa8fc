package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func removedField() *rule.Rule {
	return &rule.Rule{
		ID: "VAL004", Name: "removed-field", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A field was removed in the target version or before.",
		Why:     "istioctl refuses the file; Helm ignores the value and the setting is lost on upgrade.",
		Fix:     "Use the replacement that the message names, or remove the field.",
		Hints:   []string{"S3"},
		Run:     func(p *rule.Pass) { report(p, schema.Removed, anywhere) },
	}
}
