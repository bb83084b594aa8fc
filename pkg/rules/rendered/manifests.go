package rendered

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// category is the heading under which the checks are listed.
const category = "Manifests"

func validate() []rule.Stage { return []rule.Stage{rule.Validate} }

func needs() []snapshot.Part { return []snapshot.Part{snapshot.Configuration, snapshot.Rendered} }

// problem is something wrong with one rendered object.
type problem struct {
	object *unstructured.Unstructured
	// path is the field's, dotted; text its value.
	path, text string
	message    string
	severity   finding.Severity
	// dropped marks a field that helm has the API server drop, where
	// istioctl has it refused.
	dropped bool
}

// each reports what a check finds among the objects of every rendering, at
// the values that cause it.
func each(p *rule.Pass, check func([]snapshot.Manifest) []problem) {
	for i := range p.Renderings {
		r := &p.Renderings[i]
		if r.Unknown != "" {
			p.Undecidedf("%s", r.Unknown)
		}
		said := map[finding.Location]*echo{}
		open := placeholders(r.Config)
		for n, found := range check(r.Manifests) {
			if !unfilled(open, found) {
				report(p, r, said, check, n, found)
			}
		}
		for _, e := range said {
			e.finish()
		}
	}
}

// placeholders are the expressions that another tool has still to fill in.
func placeholders(c *snapshot.Config) []string {
	var out []string
	for _, v := range c.Root.Leaves() {
		if found := v.Placeholder(); found != "" {
			out = append(out, found)
		}
	}
	return out
}

// unfilled says whether a problem tells of such an expression, or of an
// object that is named by one: what becomes of it is not known.
func unfilled(open []string, found problem) bool {
	about := found.message + " " + found.text
	return slices.ContainsFunc(open, func(expression string) bool { return strings.Contains(about, expression) })
}

// echo counts the objects in which one value causes the same problem.
type echo struct {
	*finding.Finding
	others int
}

func (e *echo) finish() {
	switch e.others {
	case 0:
	case 1:
		e.Message += "; one other object has the same fault"
	default:
		e.Message += fmt.Sprintf("; %d other objects have the same fault", e.others)
	}
}

// single makes a check of whole renderings from one of single objects, and
// looks at objects that several renderings share once.
func single(check func(*unstructured.Unstructured) []problem) func([]snapshot.Manifest) []problem {
	type answer struct{ problems []problem }
	known := map[*unstructured.Unstructured]answer{}
	return func(manifests []snapshot.Manifest) []problem {
		var out []problem
		for _, m := range manifests {
			a, ok := known[m.Object]
			if !ok {
				a = answer{check(m.Object)}
				for i := range a.problems {
					a.problems[i].object = m.Object
				}
				if len(known) < 10_000 { // renderings made to find causes come and go
					known[m.Object] = a
				}
			}
			out = append(out, a.problems...)
		}
		return out
	}
}

// report points to the values without which the problem is gone. What another
// tool fills in first is not judged.
func report(p *rule.Pass, r *snapshot.Rendering, said map[finding.Location]*echo, check func([]snapshot.Manifest) []problem, n int, found problem) {
	key := snapshot.KeyOf(found.object)
	id := fmt.Sprintf("%s %s %d", key, found.path, n)
	causes := r.Causes(id, snapshot.Hint{Path: found.path, Text: found.text}, func(other []snapshot.Manifest) snapshot.State {
		for _, again := range check(other) {
			// Without a value the items of a list may have moved up.
			if anyItem(again.path) == anyItem(found.path) && again.text == found.text && snapshot.KeyOf(again.object) == key {
				return snapshot.There
			}
		}
		if snapshot.Find(other, key) == nil {
			return snapshot.Absent
		}
		return snapshot.Gone
	})
	if patch := byOverlay(r, causes, check, found); patch != nil {
		causes = []*document.Value{patch}
	}
	for _, c := range causes {
		if c.Placeholder() != "" {
			return
		}
	}
	at := r.Locate(nil, snapshot.Manifest{Object: found.object}, found.path)
	if len(causes) > 0 {
		at = r.Locate(pointed(causes), snapshot.Manifest{Object: found.object}, found.path)
	}
	at.Object = cutAt(at.Object, maxObject)
	same := at
	same.Object, same.Path = "", found.message
	if e := said[same]; e != nil && at.Line > 0 {
		e.others++
		return
	}
	f := p.Reportf(at, "%s: %s", cutAt(key.String(), maxObject), found.message)
	f.Severity = found.severity
	if found.dropped && !r.Config.IsOperator() {
		f.Severity = finding.Warning
	}
	blame(f, causes)
	said[same] = &echo{Finding: f}
}

// anyItem is a path without the numbers of list items.
func anyItem(path string) string { return itemNumber.ReplaceAllString(path, "[]") }

var itemNumber = regexp.MustCompile(`\[\d+\]`)

// pointed is the value to point at: of several that cause a fault together
// the last in the file that says how rather than what there is.
func pointed(causes []*document.Value) *document.Value {
	for i := len(causes) - 1; i >= 0; i-- {
		switch causes[i].Name() {
		case "name", "enabled", "kind", "apiVersion", "path", "profile":
			continue
		}
		return causes[i]
	}
	return causes[len(causes)-1]
}

// blame names the other values that a finding needs to come about.
func blame(f *finding.Finding, causes []*document.Value) {
	for _, c := range causes {
		at := c.Location()
		if at.Line != f.At.Line || at.File != f.At.File {
			f.Related = append(f.Related, finding.Related{Message: "together with this value", At: at})
		}
	}
}
