package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func duplicateKey() *rule.Rule {
	return &rule.Rule{
		ID: "DOC002", Name: "duplicate-key", Category: filesCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: documents(),
		Summary: "A key stands twice in one map.",
		Why:     "One of the two blocks is silently lost; istioctl install takes the last one, other programs refuse the file.",
		Fix:     "Join the two blocks under one key.",
		Run: func(p *rule.Pass) {
			for _, d := range p.Documents {
				if pasted(d) != nil {
					continue
				}
				for _, problem := range d.Problems {
					if problem.Kind == document.DuplicateKey {
						f := p.Reportf(problem.At, "%s", problem.Message)
						f.Related = []finding.Related{{Message: "the first one stands here", At: problem.First}}
					}
				}
			}
		},
	}
}

// pasted returns the second "kind" at the root of a document: two objects
// were pasted together without the line of dashes between them.
func pasted(d *document.Document) *document.Problem {
	var kind, version *document.Problem
	for i := range d.Problems {
		problem := &d.Problems[i]
		if problem.Kind != document.DuplicateKey || problem.At.Column != 1 {
			continue
		}
		if problem.Key == "kind" && kind == nil {
			kind = problem
		}
		if problem.Key == "apiVersion" && version == nil {
			version = problem
		}
	}
	if version == nil {
		return nil
	}
	return kind
}
