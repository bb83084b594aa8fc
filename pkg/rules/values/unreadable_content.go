package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func unreadableContent() *rule.Rule {
	return &rule.Rule{
		ID: "DOC006", Name: "unreadable-content", Category: filesCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: documents(), Unreadable: true,
		Summary: "A file is binary, not UTF-8, a link to nothing, or far larger than an installation file can be.",
		Why:     "It cannot be read as YAML, or reading it would exhaust the machine.",
		Fix:     "Give the file that was meant, saved as UTF-8.",
		Run: func(p *rule.Pass) {
			problems(p, document.NotText)
			problems(p, document.TooLarge)
			for _, f := range problems(p, document.Dangling) {
				f.Severity = finding.Warning // many repositories have some left over
			}
		},
	}
}
