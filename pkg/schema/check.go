package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// Class says what is wrong with one field of a document.
type Class uint8

// The classes of an Issue.
const (
	Unknown    Class = iota // no such field in the target minor
	Removed                 // existed once
	Deprecated              // exists, but has a named successor
	WrongType               // exists, but takes another type
	Dead                    // exists, but no chart reads it
	HelmOnly                // the charts have it, but istioctl refuses it
)

// Issue is one disagreement between a document and the schema.
type Issue struct {
	Class   Class
	Value   *document.Value
	Surface facts.Surface
	Message string
	// Suggestion is the field that was probably meant, or "".
	Suggestion string
	// Refused says that Helm does not render or install such values at all.
	Refused bool

	node    *node  // of the field; nil for an unknown one
	certain bool   // the suggestion is the only one, and fits the value
	home    string // the only path where an unknown field belongs, or ""
	unwrap  bool   // the content belongs into the map around it
}

// Check compares a value with the schema of a surface in one Istio minor and
// returns every disagreement in the order of the file.
func Check(root *document.Value, surface facts.Surface, istio facts.Minor) []Issue {
	if root == nil || root.Kind == document.Null {
		return nil
	}
	c := checker{istio: istio}
	c.visit(root, surfaceTree(surface), surface)
	return c.issues
}

type checker struct {
	istio   facts.Minor
	buried  bool // inside a dead value
	refused bool // inside something that Helm refuses as a whole
	issues  []Issue
}

func (c *checker) add(class Class, v *document.Value, s facts.Surface, format string, args ...any) *Issue {
	c.issues = append(c.issues, Issue{Class: class, Value: v, Surface: s, Refused: c.refused, Message: fmt.Sprintf(format, args...)})
	return &c.issues[len(c.issues)-1]
}

func (c *checker) visit(v *document.Value, n *node, s facts.Surface) {
	n = n.whole()
	if n.shape == open && len(n.json) == 0 || v.Kind == document.Null || c.istio.Before(n.since) {
		return
	}
	outer := c.refused
	defer func() { c.refused = outer }()
	c.refused = c.refused || n.refused
	if problem := mismatch(v, n); problem != "" {
		c.add(WrongType, v, s, "%s: %s", label(v), problem).node = n
		return
	}
	switch {
	case n.shape == object:
		for _, f := range v.Fields() {
			c.field(f, n, s)
		}
	case n.elem != nil:
		for _, f := range slices.Concat(v.Fields(), v.Items()) {
			c.visit(f, n.entry(f.Name()), s)
		}
	}
}

// surfaceOf follows the places where one surface holds another.
func surfaceOf(s facts.Surface, field string) facts.Surface {
	switch {
	case field == "ztunnel" && s == facts.Values:
		return facts.Chart("ztunnel")
	case (field == "meshConfig" || field == "meshNetworks") && s != facts.MeshConfig:
		return facts.MeshConfig
	case field == "values" && s == facts.Spec:
		return facts.Values
	case field == "unvalidatedValues" && s == facts.Spec:
		return facts.Unvalidated
	}
	return s
}

func (c *checker) field(f *document.Value, parent *node, s facts.Surface) {
	if document.Expression(f.Name()) != "" {
		return // which field it will be is not known yet
	}
	n, ok := parent.child(f.Name())
	if !ok {
		c.unknown(f, parent, s)
		return
	}
	s = surfaceOf(s, f.Name())
	switch status(n, c.istio) {
	case removed:
		c.add(Removed, f, s, "%s was removed in Istio %s%s", f.Path(), n.fact.Removed, instead(n.fact)).node = n
		return
	case notYet:
		c.add(Unknown, f, s, "field %q exists only since Istio %s, the target is %s", f.Path(), n.fact.First, c.istio)
		return
	}
	if s == facts.Values && c.refusedSelector(f) || s == facts.Unvalidated && forOtherCharts(f) {
		return
	}
	outer := c.buried
	c.advise(f, n, s)
	c.visit(f, n, s)
	c.buried = outer
}

// advise reports a field that exists but should not be set any more. What is
// inside a dead value is not reported as dead a second time.
func (c *checker) advise(f *document.Value, n *node, s facts.Surface) {
	switch {
	case f.Kind == document.Null || c.buried:
	case n.dead.In(c.istio):
		c.buried = true
		c.add(Dead, f, s, "%s", unused(f.Path(), n.dead, c.istio)).node = n
	case n.fact != nil && deprecated(n.fact) && !c.istio.Before(n.fact.DeprecatedSince):
		c.add(Deprecated, f, s, "%s is deprecated%s%s", f.Path(), since(n.fact), instead(n.fact)).node = n
	}
}

func (c *checker) unknown(f *document.Value, parent *node, s facts.Surface) {
	if s == facts.Values && helmOnly(f, c.istio) {
		c.add(HelmOnly, f, s, "%s", beside(f))
		return
	}
	names := parent.names(c.istio)
	suggestion := Suggest(f.Name(), names)
	if wrapped(f, parent, s) {
		c.add(Unknown, f, s, "unknown field %q; leave out %q, its fields belong one level higher", f.Path(), f.Name()+".")
		return
	}
	if suggestion == "" && parent.custom {
		return
	}
	message, home := fmt.Sprintf("unknown field %q", f.Path()), ""
	if suggestion != "" {
		message += fmt.Sprintf(", did you mean %q?", suggestion)
	} else if elsewhere, only := misplaced(f, s, c.istio); umbrella(f, s) && !only {
		message += fmt.Sprintf(": only a chart that depends on %s writes its values below that name; write them at the root", f.Name())
	} else if elsewhere != "" {
		message += "; move it to " + elsewhere
		if only {
			home = elsewhere
		}
	}
	issue := c.add(Unknown, f, s, "%s", message)
	issue.Suggestion, issue.home = suggestion, home
	issue.unwrap = home == "" && umbrella(f, s) && fits(f, surfaceTree(s), s, c.istio)
	if meant, ok := parent.child(suggestion); ok {
		issue.certain = certain(f.Name(), suggestion, names) && mismatch(f, meant) == ""
	}
	issue.Refused = c.refused || parent.closed
}

// wrapped says whether a field at the root of its surface repeats what the
// surface stands below.
func wrapped(f *document.Value, parent *node, s facts.Surface) bool {
	if f.Kind != document.Map || parent != surfaceTree(s) {
		return false
	}
	return s == facts.Spec && f.Name() == "spec" || s != facts.Spec && f.Name() == "values"
}

// deprecated reports fields whose note or replacement says more than a bare
// marker: the proto marks dozens of fields deprecated that the documentation
// still tells people to use.
func deprecated(f *facts.Field) bool {
	note := strings.ToLower(f.Note)
	return f.Replacement != "" || strings.Contains(note, "no longer used") || strings.Contains(note, "has no effect") ||
		strings.Contains(note, "deprecated") && !strings.HasPrefix(note, "[deprecated")
}

func since(f *facts.Field) string {
	if f.DeprecatedSince.Known() {
		return " since Istio " + f.DeprecatedSince.String()
	}
	return ""
}

func instead(f *facts.Field) string {
	switch {
	case f.Replacement != "":
		return "; use " + strings.TrimSuffix(f.Replacement, " instead")
	case f.Note != "" && !strings.HasPrefix(f.Note, "[deprecated"):
		return ": " + strings.TrimSuffix(strings.TrimPrefix(f.Note, "Deprecated. "), ".")
	}
	return ""
}

func label(v *document.Value) string {
	if p := v.Path(); p != "" {
		return p
	}
	return "the document"
}
