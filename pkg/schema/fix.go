package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
)

// Fix is the one safe answer to an issue; nil where there is none, or more
// than one.
func (i Issue) Fix() *finding.Fix {
	switch i.Class {
	case Unknown:
		if i.certain {
			return answer(i.Value.Rename(i.Suggestion), "rename it to %s", i.Suggestion)
		}
		if i.unwrap {
			return answer(i.Value.Unwrap(), "write it at the root")
		}
		return i.move(i.home)
	case HelmOnly:
		return i.move(strings.Replace(i.Value.Path(), belowValues, belowUnvalidated, 1))
	case WrongType:
		return i.rewrite()
	case Dead:
		if i.node.dead.Instead == "" {
			return i.remove()
		}
	case Removed, Deprecated:
		return i.retire()
	}
	return nil
}

func answer(edits []finding.Edit, format string, args ...any) *finding.Fix {
	if len(edits) == 0 {
		return nil
	}
	return &finding.Fix{Description: fmt.Sprintf(format, args...), Edits: edits}
}

// move answers with another place in the same document, where nothing is yet.
func (i Issue) move(to string) *finding.Fix {
	top := i.Value.Top().Path() // of a document that stands in a string
	if top != "" {
		var below bool
		if to, below = strings.CutPrefix(to, top+"."); !below {
			return nil
		}
	}
	path := strings.Split(to, ".")
	if to == "" || strings.ContainsAny(to, "[\"") || i.Value.Top().At(path...) != nil {
		return nil
	}
	return answer(i.Value.Move(i.keep(), i.Value.Top(), path...), "move it to %s", to)
}

func (i Issue) remove() *finding.Fix {
	return answer(i.Value.Remove(i.keep()), "remove it")
}

// keep is the map that must stay when it becomes empty: an empty component or
// an empty provider has a meaning, empty values have none.
func (i Issue) keep() *document.Value {
	if i.Surface == facts.Spec || i.Surface == facts.MeshConfig {
		return i.Value.Parent()
	}
	if spec := i.Value.Top().Field("spec"); spec != nil {
		return spec
	}
	return i.Value.Top()
}

// retire answers for a field that is no more, or soon: those that nothing
// reads go, and those whose successor means the same take its place.
func (i Issue) retire() *finding.Fix {
	row, name := i.node.fact, i.Value.Name()
	note := strings.ToLower(row.Note)
	switch {
	case row.Surface == facts.Values && row.Path == "global.proxy.holdApplicationUntilProxyStarts":
		return i.move("spec.meshConfig.defaultConfig." + name)
	case name == "includeHeadersInCheck" && strings.HasPrefix(row.Replacement, "includeRequestHeadersInCheck"):
		return answer(i.Value.Rename("includeRequestHeadersInCheck"), "rename it to includeRequestHeadersInCheck")
	case row.Surface == facts.Chart("istiod") && row.Path == "istio_cni" && usage(i.Value):
		return i.move(strings.TrimSuffix(i.Value.Path(), name) + "pilot.cni")
	case row.Replacement == "" && (strings.Contains(note, "no longer used") || strings.Contains(note, "has no effect")):
		return i.remove()
	}
	return nil
}

// usage says that istio_cni holds only what pilot.cni means in the same way.
func usage(v *document.Value) bool {
	return len(v.Fields()) > 0 && !slices.ContainsFunc(v.Fields(), func(f *document.Value) bool { return f.Name() != "enabled" && f.Name() != "provider" })
}

// decimal is a number whose text is what a reader would put in quotes.
var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// takes says that a chart's own schema wants one type and nothing else.
func (n *node) takes(kind string) bool {
	return len(n.json) > 0 && !slices.ContainsFunc(n.json, func(t string) bool { return t != kind && t != "null" })
}

// rewrite answers for a value that would fit in other quotes, or whose name
// is misspelt.
func (i Issue) rewrite() *finding.Fix {
	v, n := i.Value, i.node
	switch {
	case v.Parent().Name() == "imagePullSecrets" && n.shape == text && v.Kind == document.Map:
		return answer(v.Single("name"), "write its name")
	case v.Parent().Name() == "imagePullSecrets" && n.shape != text && v.Kind == document.String:
		return answer(v.Named("name"), "write name: %s", v.Text)
	case n.shape == boolean && v.Kind == document.String && (v.Text == "true" || v.Text == "false"):
		return answer(v.Replace(v.Text, document.Bool), "remove the quotes")
	case (n.shape == integer || n.shape == number || n.takes("integer")) && v.Kind == document.String && decimal.MatchString(v.Text):
		if edits := v.Replace(v.Text, document.Int); edits != nil {
			return answer(edits, "remove the quotes")
		}
		if n.shape == number || n.takes("number") {
			return answer(v.Replace(v.Text, document.Float), "remove the quotes")
		}
	case n.shape == text && len(n.enum) > 0 && v.Kind == document.String:
		if meant := Suggest(v.Text, n.enum); certain(v.Text, meant, n.enum) {
			return answer(v.Replace(meant, document.String), "write %s", meant)
		}
	case len(n.enum) > 0 && !slices.Contains(n.enum, v.Text):
		// Quotes would not make it one of them.
	case (n.shape == text || n.takes("string")) && (v.Text == "true" || v.Text == "false" || decimal.MatchString(v.Text)):
		return answer(v.Replace(v.Text, document.String), "put it in quotes")
	}
	return nil
}
