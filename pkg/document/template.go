package document

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	blockHeader = regexp.MustCompile(`(^|[\s:-])[|>][-+0-9]*\s*(#.*)?$`)
	// expression matches a template where YAML expects a key or a value; in
	// the middle of a text it is legal YAML and no reason for an error.
	expression = regexp.MustCompile(`^\s*(-\s+)*([^\s"'#][^"'#]*:\s+)?(\{\{.*)$`)
)

// outline returns the lines of a text with comments and the content of block
// scalars blanked: what is left is the structure, where a tab or a template
// breaks the file. Scripts and Istio's own templates stand in block scalars.
func outline(text []byte) []string {
	lines := strings.Split(string(text), "\n")
	block := -1 // indentation of the key that the open block scalar belongs to
	for i, l := range lines {
		trimmed := strings.TrimSpace(l)
		indent := len(l) - len(strings.TrimLeft(l, " "))
		if block >= 0 && (trimmed == "" || indent > block) {
			lines[i] = ""
			continue
		}
		block = -1
		switch {
		case strings.HasPrefix(trimmed, "#"):
			lines[i] = ""
		case blockHeader.MatchString(trimmed):
			block = indent
		}
	}
	return lines
}

// templateProblem looks for the template that makes a text no YAML.
func templateProblem(p part) (Problem, bool) {
	for i, l := range outline(p.text) {
		m := expression.FindStringSubmatchIndex(l)
		if m == nil {
			continue
		}
		text, column := l[m[6]:], utf8.RuneCountInString(l[:m[6]])+1
		if end := strings.Index(text, "}}"); end >= 0 {
			text = text[:end+2]
		}
		text = strings.TrimSpace(text)
		return Problem{Kind: Template, At: p.at(i+1, column), Message: fmt.Sprintf("%s is a template expression: render the file first, then check the result", text)}, true
	}
	return Problem{}, false
}

var (
	templateForm = regexp.MustCompile(`\{\{.*?\}\}`)
	variableForm = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*(:?[-=?+][^}]*)?\}`)
)

// Placeholder returns the first expression in a scalar's text that another
// tool has to render, such as ${TAG} or {{ .Values.tag }}; "" where there is
// none. What such a value will be is not known, so nothing is said about it.
func (v *Value) Placeholder() string {
	if !v.Scalar() || v.Kind == Null {
		return ""
	}
	return cmp.Or(templateForm.FindString(v.Text), variableForm.FindString(v.Text))
}
