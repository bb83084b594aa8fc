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
		Summary: "The files hold an object more than once; the last one was looked at.",
		Why:     "Applied together, the last one stays. Files for several clusters are better looked at one cluster at a time.",
		Fix:     "Give the files of one cluster, or remove the object that is not meant.",
		Run: func(p *rule.Pass) {
			for _, key := range p.Replaced {
				p.Reportf(finding.Location{Object: key}, "%s is in the files more than once; this one, the last, was looked at", key)
			}
		},
	}
}
