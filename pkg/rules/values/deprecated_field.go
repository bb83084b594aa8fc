package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func deprecatedField() *rule.Rule {
	return &rule.Rule{
		ID: "VAL005", Name: "deprecated-field", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "A field is deprecated and has a successor.",
		Why:     "It still works, but a later release removes it, and istioctl prints no warning for it.",
		Fix:     "Move the setting to the field that the message names.",
		Hints:   []string{"S3"},
		Run:     func(p *rule.Pass) { report(p, schema.Deprecated, anywhere) },
	}
}
