package cluster

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func losingRemoval() *rule.Rule {
	return &rule.Rule{
		ID: "PRE042", Name: "losing-removal", Category: "Objects", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Leftovers},
		Summary: "The installation deletes a gateway, a control plane or an address that is there today.",
		Why:     "What is no longer configured is removed, and a change of the profile or of a name takes traffic or an address with it.",
		Fix:     "Keep the component in the configuration, or move its traffic away first.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			for _, o := range p.Leftovers {
				if loss := snapshot.Loss(o); loss != "" {
					p.Reportf(snapshot.KeyOf(o), "%s is no longer configured and is deleted: %s", snapshot.KeyOf(o), loss)
				}
			}
			p.Lookedf("%s of this installation are no longer configured", finding.Count(len(p.Leftovers), "object"))
		},
	}
}
