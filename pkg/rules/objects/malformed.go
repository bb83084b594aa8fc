package objects

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func malformed() *rule.Rule {
	return &rule.Rule{
		ID: "DOC011", Name: "malformed-object", Category: category, Severity: finding.Error,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Documents}, Unreadable: true,
		Summary: "An object cannot be read as what its kind says, because a value has the wrong type or form.",
		Why:     "The API server refuses it, and no other rule can look at it.",
		Fix:     "Correct the value that is named.",
		Run: func(p *rule.Pass) {
			for _, m := range p.Malformed {
				p.Reportf(m.At, "%s %s cannot be read: %s", m.Kind, m.Name, m.Reason)
			}
		},
	}
}
