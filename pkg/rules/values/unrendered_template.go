package values

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func unrenderedTemplate() *rule.Rule {
	return &rule.Rule{
		ID: "DOC003", Name: "unrendered-template", Category: filesCategory, Severity: finding.Error,
		Stages: validate(), Needs: documents(),
		Summary: "A file still holds template expressions or variables of another tool.",
		Why:     "Istio would take the expression itself as the value, for example as the tag of an image.",
		Fix:     "Render the file first (helm template, envsubst, kustomize) and check the result.",
		Run: func(p *rule.Pass) {
			seen := map[string]bool{}
			for _, d := range p.Documents {
				for _, problem := range d.Problems {
					if problem.Kind == document.Template && !seen[d.File] {
						seen[d.File] = true
						p.Reportf(problem.At, "%s", problem.Message)
					}
				}
			}
			for _, c := range p.Configs {
				placeholders(p, c.Root, seen)
			}
		},
	}
}

// placeholders walks a configuration and reports the first expression of
// each file.
func placeholders(p *rule.Pass, v *document.Value, seen map[string]bool) {
	if slices.Contains([]string{"templates", "podDNSSearchNamespaces", "command", "args", "script", "overlays"}, v.Name()) {
		return // Istio's own templates, and shell
	}
	for _, child := range slices.Concat(v.Fields(), v.Items()) {
		placeholders(p, child, seen)
	}
	if !v.Scalar() || v.Style == document.Block || seen[v.Location().File] {
		return
	}
	if expression := v.Placeholder(); expression != "" {
		seen[v.Location().File] = true
		p.Reportf(v, "%s is a placeholder: render the file first, then check the result", expression)
	}
}
