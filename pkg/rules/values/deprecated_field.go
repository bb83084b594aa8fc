package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func deprecatedField() *rule.Rule {
	return &rule.Rule{
		ID: "VAL005", Name: "deprecated-field", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "A field is deprecated and has a successor.",
		Why:     "It still works, but a later release removes it, and istioctl prints no warning for it.",
		Fix:     "Move the setting to the field that the message names.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, issue := range c.Issues() {
					if issue.Class == schema.Deprecated && !worse(c, issue.Value) {
						p.Reportf(issue.Value.Key(), "%s", issue.Message).Fix = issue.Fix()
					}
				}
			}
		},
	}
}

// worse says whether another rule reports the same value as an error: a
// tracer that is gone, or a token policy without effect.
func worse(c *snapshot.Config, v *document.Value) bool {
	gone := facts.TracerRemoved(v.Name())
	return gone.Known() && !c.Istio.Before(gone) || v.Name() == "jwtPolicy" && v.Text == "first-party-jwt"
}
