package cluster

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func objectRefused() *rule.Rule {
	return &rule.Rule{
		ID: "PRE040", Name: "object-refused", Category: "Objects", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.DryRuns},
		Summary: "The API server or an admission webhook refuses an object of the installation.",
		Why:     "The installation would stop half-way at this object, with others already applied.",
		Fix:     "Change the value that the message names, or have the policy, quota or webhook that refuses changed.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			forbidden := 0
			for _, m := range p.Rendered {
				key := snapshot.KeyOf(m.Object)
				switch d := p.DryRuns[key]; d.Verdict {
				case snapshot.Refused:
					p.Reportf(key, "the API server refuses %s: %s", key, d.Reason)
				case snapshot.Forbidden:
					forbidden++
				case snapshot.Unanswered:
					p.Undecidedf("%s was not answered: %s", key, d.Reason)
				}
			}
			if forbidden > 0 { // PRE004 names the permissions
				p.Undecidedf("%d of %d objects could not be tried, because you may not write them", forbidden, len(p.Rendered))
			}
			p.Lookedf("the API server takes %s", finding.Count(len(p.Rendered), "object"))
		},
	}
}
