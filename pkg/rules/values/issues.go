package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// headings under which checks are listed.
const (
	filesCategory  = "Files"
	fieldsCategory = "Configuration"
	imagesCategory = "Images"
)

func validate() []rule.Stage { return []rule.Stage{rule.Validate} }

// anyFile is for rules about files of every kind, and about the mesh config,
// which analyze reads too.
func anyFile() []rule.Stage { return []rule.Stage{rule.Validate, rule.Analyze} }

func configuration() []snapshot.Part { return []snapshot.Part{snapshot.Configuration} }

// report reports the schema's issues of one class on the surfaces that a
// rule is about.
func report(p *rule.Pass, class schema.Class, about func(facts.Surface) bool) {
	for _, c := range p.Configs {
		if class == schema.Unknown && facts.Embedded().Before(c.Istio) {
			p.Undecidedf("Istio %s is newer than the tables of fields", c.Istio)
			continue
		}
		for _, issue := range c.Issues() {
			if issue.Class != class || !about(issue.Surface) || ruled(issue) {
				continue
			}
			at := issue.Value.Key()
			if class == schema.WrongType {
				at = issue.Value
			}
			f := p.Reportf(at, "%s", issue.Message)
			f.Fix = issue.Fix()
			if issue.Refused {
				f.Severity = finding.Error
			}
		}
	}
}

// ruled says whether a rule of its own knows more of a value than the schema.
func ruled(i schema.Issue) bool {
	switch i.Value.Name() {
	case "pilotCertProvider":
		return i.Class == schema.WrongType && i.Value.Kind == document.String
	case "jwtPolicy":
		return i.Class == schema.Dead && i.Value.Text == "first-party-jwt"
	}
	return false
}

func anywhere(facts.Surface) bool { return true }

// problems reports the problems of one kind that a file's text has.
func problems(p *rule.Pass, kind document.ProblemKind) []*finding.Finding {
	var out []*finding.Finding
	for _, d := range p.Documents {
		for _, problem := range d.Problems {
			if problem.Kind == kind {
				out = append(out, p.Reportf(problem.At, "%s", problem.Message))
			}
		}
	}
	return out
}

func documents() []snapshot.Part { return []snapshot.Part{snapshot.Documents} }
