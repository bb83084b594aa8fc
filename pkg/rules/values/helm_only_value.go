package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func helmOnlyValue() *rule.Rule {
	return &rule.Rule{
		ID: "VAL007", Name: "helm-only-value", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A value of the charts stands below spec.values, where istioctl does not know it.",
		Why:     "istioctl refuses the whole file with \"unknown field\", although the chart reads the value.",
		Fix:     "Move the value to the same path below spec.unvalidatedValues, or install the chart with Helm.",
		Hints:   []string{"S3"},
		Run:     func(p *rule.Pass) { report(p, schema.HelmOnly, anywhere) },
	}
}
