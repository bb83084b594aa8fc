package suppress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/schema"
)

const form = `want "# meshctl:ignore RULE -- reason"`

// Names turns what a user may call a rule, its ID or its name, into the ID.
type Names map[string]string

// Add makes a rule known.
func (n Names) Add(id, name string) { n[id], n[strings.ToUpper(name)] = id, id }

// ids are those of all rules, sorted.
func (n Names) ids() []string {
	var out []string
	for name, id := range n {
		if name == id {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// id looks up a rule or the letters of a family; the problem suggests one where there is none.
func (n Names) id(text string) (id, problem string) {
	if id, ok := n[strings.ToUpper(text)]; ok {
		return id, ""
	}
	ids := n.ids()
	// Only whole families: VAL01 is rather a VAL001 that lost a digit.
	if prefix := strings.ToUpper(text); !strings.ContainsAny(text, "0123456789") && slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(id, prefix) }) {
		return prefix, ""
	}
	if like := schema.Suggest(strings.ToUpper(text), ids); like != "" {
		return "", fmt.Sprintf("there is no rule %q, did you mean %s?", text, like)
	}
	return "", fmt.Sprintf("there is no rule %q; `meshctl rules list` prints them all", text)
}

// FromComments reads the suppressions in the documents' comments: one entry a
// rule. Where the files were merged nobody knows whether a line that has no
// effect here has one elsewhere, so no comment is found useless.
func FromComments(docs []*document.Document, names Names, merged bool) []*Entry {
	var out []*Entry
	for _, d := range docs {
		whole := !merged && !slices.ContainsFunc(d.Problems, func(p document.Problem) bool { return p.Kind != document.DuplicateKey })
		for _, c := range d.Comments {
			out = append(out, fromComment(c, names, whole)...)
		}
	}
	return out
}

func fromComment(c document.Comment, names Names, whole bool) []*Entry {
	rules, reason, problem := parse(c)
	if problem != "" {
		return []*Entry{{Kind: Comment, At: c.At, Problem: problem}}
	}
	var out []*Entry
	for _, rule := range rules {
		e := &Entry{Kind: Comment, Reason: reason, At: c.At, About: fmt.Sprintf("on line %d", c.Covers)}
		e.Rule, e.Problem = names.id(rule)
		e.Covers = func(f finding.Finding) bool { return f.At.File == c.At.File && f.At.Line == c.Covers }
		e.Seen = func() bool { return whole }
		out = append(out, e)
	}
	return out
}

// parse takes a directive apart.
func parse(c document.Comment) (rules []string, reason, problem string) {
	directive, rest, _ := strings.Cut(c.Text, " ")
	if directive != document.Directive+"ignore" {
		return nil, "", fmt.Sprintf("%q is not known, %s", directive, form)
	}
	list, reason, _ := strings.Cut(" "+rest+" ", " -- ")
	rules = strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	reason = strings.TrimSpace(reason)
	switch {
	case len(rules) == 0:
		return nil, "", "it names no rule, " + form
	case reason == "":
		return nil, "", "it gives no reason, " + form
	case c.Covers == 0:
		return nil, "", "an empty line or the end of the document comes below it, so it covers nothing; put it directly above the line it is for, or behind it"
	}
	return rules, reason, ""
}
