package values

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func unknownChartValue() *rule.Rule {
	return &rule.Rule{
		ID: "VAL003", Name: "unknown-chart-value", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "A Helm value, or one of spec.unvalidatedValues, is read by no template of the chart in the target version.",
		Why:     "Helm ignores unknown values without a word, so the setting silently has no effect.",
		Fix:     "Correct the path; the chart's values.yaml lists the ones that exist.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			report(p, schema.Unknown, func(s facts.Surface) bool {
				return s == facts.Unvalidated || strings.HasPrefix(string(s), "helm:")
			})
		},
	}
}
