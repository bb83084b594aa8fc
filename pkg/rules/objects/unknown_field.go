package objects

import (
	"strings"

	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unknownField() *rule.Rule {
	return &rule.Rule{
		ID: "DOC013", Name: "unknown-object-field", Category: category, Severity: finding.Error,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Documents},
		Summary: "An object in a file has a field that its kind does not have.",
		Why:     "kubectl refuses it; of other clients the API server takes the object and drops the field without a word.",
		Fix:     "Correct the name, or move the field to where it belongs; names of fields count upper and lower case.",
		Run: func(p *rule.Pass) {
			for _, u := range p.UnknownFields {
				where, unless := "", ""
				if i := strings.LastIndex(u.At.Path, "."); i > 0 {
					where = " in " + u.At.Path[:i]
				}
				if u.Meant != "" {
					where += "; did you mean " + u.Meant + "?"
				} else if unless = later(p, u.Group, u.Taken); unless != "" {
					where += ", unless " + unless
				}
				f := p.Reportf(u.At, "%s has no field %q%s", u.Kind, u.Name, where)
				if unless != "" || u.Group == gateway.GroupName {
					f.Severity = finding.Warning // releases of the Gateway API differ
				}
			}
			p.Lookedf("the fields of %s", finding.Count(len(p.Origins), "object"))
		},
	}
}
