package objects

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func refusedValue() *rule.Rule {
	return &rule.Rule{
		ID: "DOC014", Name: "unknown-object-value", Category: category, Severity: finding.Error,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Documents},
		Summary: "A field of an object in a file has a value that its kind does not know, or that excludes another field, or the object has no name or one that none may have.",
		Why:     "The API server refuses the object, so that what the cluster has stays as it was.",
		Fix:     "Write one of the values that the field takes; names count upper and lower case, numbers have no quotes, and names of objects have small letters, digits and dashes.",
		Run: func(p *rule.Pass) {
			for _, v := range p.RefusedValues {
				unless := ""
				if v.Strange {
					unless = later(p, v.Group, v.Taken)
				}
				if unless == "" {
					p.Reportf(v.At, "%s is refused: %s", strings.TrimSpace(v.Kind+" "+v.Name), v.Reason)
					continue
				}
				p.Reportf(v.At, "%s %s is refused unless %s: %s", v.Kind, v.Name, unless, v.Reason).Severity = finding.Warning
			}
			p.Lookedf("the values of %s", finding.Count(len(p.Origins), "object"))
		},
	}
}
