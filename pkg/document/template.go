package document

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	blockHeader = regexp.MustCompile(`(^|[\s:-])[|>][-+0-9]*\s*(#.*)?$`)
	// expression matches a template where YAML expects a key or a value; in
	// the middle of a text it is legal YAML and no reason for an error.
	expression = regexp.MustCompile(`^\s*(-\s+)*((?:"[^"]*"|'[^']*'|[^\s"'#][^"'#]*):\s+)?((\{\{|\{%|<%|@@|@[A-Za-z][A-Za-z0-9_.-]*@|%[A-Za-z][A-Za-z0-9_]*%).*)$`)
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
		if first := anyExpression.FindString(text); first != "" {
			text = first
		}
		text = strings.TrimSpace(text)
		return Problem{Kind: Template, At: p.at(i+1, column), Message: fmt.Sprintf("%s is a template expression: render the file first, then check the result", text)}, true
	}
	return Problem{}, false
}

// template returns the problem that a document has to be rendered first; nil
// for others.
func (d *Document) template() *Problem {
	for i := range d.Problems {
		if d.Problems[i].Kind == Template {
			return &d.Problems[i]
		}
	}
	return nil
}

var (
	placeholderForm = regexp.MustCompile(`\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|@@[A-Za-z0-9_.-]+@@|__[A-Z][A-Z0-9_]*__|` +
		`\$\[\[.*?\]\]|#\{[A-Za-z_][A-Za-z0-9_.-]*\}#|\$\{[A-Za-z_][A-Za-z0-9_]*(:?[-=?+][^}]*)?\}`)
	// wholeForm is what other texts may hold, but are not as a whole.
	wholeForm = regexp.MustCompile(`^(@[A-Za-z][A-Za-z0-9_.-]*@|<[A-Za-z][A-Za-z0-9_. -]*>)$`)
	// pipelineForm is what Kubernetes gives a meaning in env, shells in
	// scripts and Envoy in the format of logs, so it is looked for in certain
	// fields only.
	pipelineForm = regexp.MustCompile(`\$\([A-Za-z_][A-Za-z0-9_.]*\)|\$[A-Z_][A-Z0-9_]+|@[A-Za-z][A-Za-z0-9_.-]*@|<[A-Za-z][A-Za-z0-9_. -]*>|%[A-Za-z][A-Za-z0-9_]*%|` +
		`__[A-Za-z][A-Za-z0-9_]*__|\(\(.*?\)\)|\[\[.*?\]\]|[A-Z_]*PLACEHOLDER[A-Z_]*|\b(CHANGE|REPLACE)[-_]?ME\b`)
)

// Expression returns the first expression in a text that another tool has to
// render, such as ${TAG} or {{ .Values.tag }}; "" where there is none.
func Expression(text string) string { return placeholderForm.FindString(text) }

// Placeholder returns the first expression in a scalar's text that another
// tool has to render; "" where there is none. What such a value will be is
// not known, so nothing is said about it.
func (v *Value) Placeholder() string {
	if !v.Scalar() || v.Kind == Null {
		return ""
	}
	if found := Expression(v.Text); found != "" {
		return found
	}
	if found := wholeForm.FindString(v.Text); found != "" {
		return found
	}
	if slices.Contains(filledByPipelines(), v.name) && (v.parent == nil || v.parent.name != "env" && v.parent.name != "proxyMetadata") {
		return pipelineForm.FindString(v.Text)
	}
	return ""
}

// filledByPipelines lists the fields in which a pipeline commonly fills in
// $(VAR) or $VAR.
func filledByPipelines() []string {
	return []string{
		"tag", "hub", "variant", "image", "revision", "profile", "platform", "compatibilityVersion", "clusterName", "network", "meshID",
		"istioNamespace", "namespace", "trustDomain", "discoveryAddress", "caAddress", "remotePilotAddress", "externalIstiod", "cpu", "memory",
		"replicaCount", "autoscaleMin", "autoscaleMax", "minReplicas", "maxReplicas", "loadBalancerIP", "cniBinDir", "cniConfDir",
	}
}
