package objects

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func refusedValue() *rule.Rule {
	return &rule.Rule{
		ID: "DOC014", Name: "unknown-object-value", Category: category, Severity: finding.Error,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Documents},
		Summary: "A field of an object in a file has a value that its kind does not know, or that excludes another field.",
		Why:     "The API server refuses the object, so that what the cluster has stays as it was.",
		Fix:     "Write one of the values that the field takes; names count upper and lower case, and numbers have no quotes.",
		Run: func(p *rule.Pass) {
			for _, v := range p.RefusedValues {
				p.Reportf(v.At, "%s %s is refused: %s", v.Kind, v.Name, v.Reason)
			}
			p.Lookedf("the values of %s", finding.Count(len(p.Origins), "object"))
		},
	}
}
