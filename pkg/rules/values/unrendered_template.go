package values

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unrenderedTemplate() *rule.Rule {
	return &rule.Rule{
		ID: "DOC003", Name: "unrendered-template", Category: filesCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: documents(),
		Summary: "A file still holds template expressions or variables of another tool.",
		Why:     "Istio would take the expression itself as the value, for example as the tag of an image.",
		Fix:     "Render the file first (helm template, envsubst, kustomize) and check the result.",
		Run: func(p *rule.Pass) {
			seen := map[string]bool{}
			for _, d := range p.Documents {
				for _, problem := range d.Problems {
					if problem.Kind == document.Template && !seen[d.File] {
						seen[d.File] = true
						template(p, d, problem)
					}
				}
			}
			filled := map[string]bool{}
			for _, c := range p.Configs {
				each(c.Root, func(v *document.Value) { placeholder(p, c, v, seen, filled) })
			}
		},
	}
}

// template reports that a text has to be rendered. In a file that helmfile
// renders expressions are right, but what comes of them is not known.
func template(p *rule.Pass, d *document.Document, problem document.Problem) {
	switch {
	case !rendersFirst(d.File):
		p.Reportf(problem.At, "%s", problem.Message)
	case d.Root == nil:
		p.Reportf(problem.At, "nothing could be read around the template expressions, so nothing was judged; render the file with helmfile and check the result").Severity = finding.Warning
	default:
		p.Reportf(problem.At, "the template expressions are left for helmfile to fill in: what becomes of them was not judged").Severity = finding.Info
	}
}

// rendersFirst says whether helmfile renders a file before it reads it.
func rendersFirst(file string) bool { return strings.HasSuffix(file, ".gotmpl") }

// each calls a function for every scalar where an expression is one: Istio's
// own templates and shell are not.
func each(v *document.Value, do func(*document.Value)) {
	if slices.Contains([]string{"templates", "podDNSSearchNamespaces", "command", "args", "script", "overlays"}, v.Name()) {
		return
	}
	for _, child := range slices.Concat(v.Fields(), v.Items()) {
		each(child, do)
	}
	if v.Scalar() && v.Style != document.Block {
		do(v)
	}
}

// placeholder reports the first expression of each file. One that the tool
// behind a GitOps object fills in is right there, but its value is not known.
func placeholder(p *rule.Pass, c *snapshot.Config, v *document.Value, seen, filled map[string]bool) {
	expression, file := v.Placeholder(), v.Location().File
	switch {
	case expression == "":
	case rendersFirst(file) && strings.HasPrefix(expression, "{{") && !c.Wrapper.Filled(expression):
		if !seen[file] {
			seen[file] = true
			p.Reportf(v, "%s is left for helmfile to fill in: what becomes of it was not judged", expression).Severity = finding.Info
		}
	case !c.Wrapper.Filled(expression) && !seen[file]:
		seen[file] = true
		p.Reportf(v, "%s is a placeholder: render the file first, then check the result", expression)
	case c.Wrapper.Filled(expression) && !filled[file]:
		filled[file] = true
		p.Reportf(v, "%s is left for %s to fill in: what becomes of it was not judged", expression, c.Wrapper.Filler).Severity = finding.Info
	}
}
