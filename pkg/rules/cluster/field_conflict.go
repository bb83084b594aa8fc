package cluster

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func fieldConflict() *rule.Rule {
	return &rule.Rule{
		ID: "PRE041", Name: "field-conflict", Category: "Objects", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.DryRuns},
		Summary: "A field of an object to be written belongs to another manager, with another value.",
		Why:     "Both would overwrite one another's value: whoever manages the field sets it back, and one of the two changes is lost.",
		Fix:     "Let the other manager go, or take its value into the configuration; --take-ownership takes the fields over.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			tried := 0
			for _, m := range p.Rendered {
				key := snapshot.KeyOf(m.Object)
				d := p.DryRuns[key]
				switch d.Verdict {
				case snapshot.Accepted:
					tried++
				case snapshot.Forbidden, snapshot.Unanswered:
					p.Undecidedf("objects could not be tried: %s", d.Reason)
				}
				for _, c := range d.Conflicts {
					conflict(p, key, c)
				}
			}
			p.Lookedf("no other manager holds a field of %s with another value", finding.Count(tried, "object"))
		},
	}
}

func conflict(p *rule.Pass, key snapshot.Key, c snapshot.Conflict) {
	if p.Settings.TakeOwnership {
		p.Reportf(key, "%s of %s: taken over from %s", rule.First(c.Fields), key, c.Manager).Severity = finding.Info
		return
	}
	p.Reportf(key, "%s of %s: %s has set another value; --take-ownership takes the fields over", rule.First(c.Fields), key, c.Manager)
}
