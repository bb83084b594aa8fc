package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func notYAML() *rule.Rule {
	return &rule.Rule{
		ID: "DOC001", Name: "not-yaml", Category: filesCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: documents(), Unreadable: true,
		Summary: "A file is not valid YAML.",
		Why:     "Nothing behind the place can be read, so nothing of it can be checked or installed.",
		Fix:     "Mend the place; tabs, a wrong indentation and a missing quote are the usual causes.",
		Run:     func(p *rule.Pass) { problems(p, document.Syntax) },
	}
}
