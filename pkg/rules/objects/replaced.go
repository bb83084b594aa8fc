package objects

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func replaced() *rule.Rule {
	return &rule.Rule{
		ID: "DOC012", Name: "object-twice", Category: category, Severity: finding.Info,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Documents},
		Summary: "The files hold an object more than once, and not always the same; the last one was looked at.",
		Why:     "Applied together, the last one stays. Files for several clusters are better looked at one cluster at a time.",
		Fix:     "Give the files of one cluster, or remove the object that is not meant.",
		Run: func(p *rule.Pass) {
			for _, t := range p.Replaced {
				var places []string
				for _, at := range t.Others {
					places = append(places, at.String())
				}
				p.Reportf(finding.Location{Object: t.Object}, "%s is in the files more than once, also at %s; this one, the last, was looked at", t.Object, rule.First(places))
			}
			p.Lookedf("%s, each once or always the same", finding.Count(len(p.Origins), "object"))
		},
	}
}
