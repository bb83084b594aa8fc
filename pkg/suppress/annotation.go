package suppress

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// Annotation is where an object says what is not to be reported about it, as
// "RULE: reason", one a line, with commas between rules.
const Annotation = document.IgnoreAnnotation

const annotationForm = `want "RULE: reason"`

// FromAnnotation reads the suppressions that an object's annotation holds: one
// entry a rule. They are for findings about the object, wherever it was read.
func FromAnnotation(at finding.Location, value string, names Names) []*Entry {
	var out []*Entry
	for line := range strings.Lines(value) {
		if strings.TrimSpace(line) != "" {
			out = append(out, fromLine(at, line, names)...)
		}
	}
	return out
}

func fromLine(at finding.Location, line string, names Names) []*Entry {
	list, reason, _ := strings.Cut(line, ":")
	rules := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	reason = strings.TrimSpace(reason)
	switch {
	case len(rules) == 0:
		return []*Entry{{Kind: Object, At: at, Problem: "it names no rule, " + annotationForm}}
	case reason == "":
		return []*Entry{{Kind: Object, At: at, Problem: "it gives no reason, " + annotationForm}}
	}
	var out []*Entry
	for _, rule := range rules {
		e := &Entry{Kind: Object, Reason: reason, At: at, About: "about " + at.Object}
		e.Rule, e.Problem = names.id(rule)
		e.Covers = func(finding.Finding) bool { return true } // the ledger asks it about its object only
		e.Seen = func() bool { return true }
		out = append(out, e)
	}
	return out
}
