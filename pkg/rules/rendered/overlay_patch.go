package rendered

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"istio.io/istio/operator/pkg/tpath"
	"istio.io/istio/operator/pkg/util"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

// judgePatch applies one patch to an object with Istio's own code and looks
// at what it did. Later patches see the object as this one leaves it.
func judgePatch(p *rule.Pass, c component, target *unstructured.Unstructured, tree map[any]any, patch *document.Value) {
	at, value := patch.Field("path"), patch.Field("value")
	if at == nil || !at.Scalar() || at.Placeholder() != "" {
		return
	}
	name := target.GetKind() + " " + target.GetName()
	steps := util.PathFromString(at.Text)
	reached := follow(tree, steps)
	before := reached.node
	err := apply(tree, steps, value)
	// The renderer reads a text that holds a map as that map.
	after := follow(tree, steps).node
	switch {
	case err != nil:
		p.Reportf(at, "%s matches nothing in %s, so this patch is ignored: %s", at.Text, name, reached.why(steps, err))
	case reached.beyond && reached.depth == len(steps)-1:
		// Istio's own documentation appends with [100].
		p.Reportf(at, "%s: the last of %s of %s is [%d], so this appends an item; write [-1] if that is meant", at.Text, reached.list(steps), name, reached.length-1).Severity = finding.Info
	case reached.beyond:
		f := p.Reportf(at, "%s: the last of %s of %s is [%d], so this appends one that holds nothing else", at.Text, reached.list(steps), name, reached.length-1)
		if unnamed(reached.list(steps), value) {
			f.Message += "; a container without a name is refused"
			f.Severity = finding.Error
		}
	case reached.through != "":
		p.Reportf(at, "%s goes below %s of %s, which is %s, and replaces it by a map", at.Text, strings.Join(steps[:reached.depth], "."), name, reached.through).Severity = finding.Error
	case empty(value):
		if !reached.found {
			p.Reportf(at, "%s has no %s, so there is nothing to delete", name, at.Text)
		}
	case reached.found && after != nil && changesType(before, after):
		p.Reportf(value, "%s of %s is %s, and this replaces it by %s", at.Text, name, typeName(before), typeName(after)).Severity = finding.Error
	default:
		if field := c.k8sField(target, at.Text); field != "" {
			p.Reportf(at, "%s is what the field k8s.%s is for; an overlay is applied after it, unseen by the charts", at.Text, field).Severity = finding.Info
		}
	}
}

func empty(v *document.Value) bool { return v == nil || v.Kind == document.Null }

// apply changes the tree as Istio's renderer does; it keeps the error that
// the renderer drops.
func apply(tree map[any]any, steps util.Path, value *document.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	context, _, err := tpath.GetPathContext(tree, steps, true)
	if err != nil {
		return err
	}
	return tpath.WritePathContext(context, value.Any())
}

// trail is how far a path leads in an object.
type trail struct {
	node    any
	found   bool
	depth   int    // steps that lead somewhere
	beyond  bool   // an index behind the end of a list
	length  int    // of that list
	through string // the type of a scalar that the path goes below
}

// follow walks down a path without changing anything.
func follow(node any, steps util.Path) trail {
	for i, step := range steps {
		node = plainNode(node)
		list, isList := node.([]any)
		fields, isMap := node.(map[any]any)
		var next any
		ok := false
		switch {
		case isMap:
			next, ok = fields[step]
		case isList && util.IsNPathElement(step):
			n, _ := util.PathN(step)
			if n < 0 || n == len(list) && i == len(steps)-1 {
				return trail{depth: i} // -1 is how a patch appends
			}
			if n >= len(list) {
				return trail{depth: i, beyond: true, length: len(list)}
			}
			next, ok = list[n], true
		case isList:
			next, ok = pick(list, step)
		case node != nil:
			return trail{depth: i, through: typeName(node)}
		}
		if !ok {
			return trail{depth: i}
		}
		node = next
	}
	return trail{node: plainNode(node), found: true, depth: len(steps)}
}

// plainNode undoes what Istio's code leaves behind in a tree that it patched:
// pointers to lists, and maps with keys of another type.
func plainNode(v any) any {
	if p, ok := v.(*any); ok {
		v = *p
	}
	if m, ok := v.(map[string]any); ok {
		out := make(map[any]any, len(m))
		for name, f := range m {
			out[name] = f
		}
		return out
	}
	return v
}

// pick finds the item of a list that [key:value] or [:value] names.
func pick(list []any, step string) (any, bool) {
	for _, item := range list {
		if m, ok := plainNode(item).(map[any]any); ok {
			if k, v, err := util.PathKV(step); err == nil && fmt.Sprint(m[k]) == v {
				return item, true
			}
			continue
		}
		if v, err := util.PathV(step); err == nil {
			if match, err := regexp.MatchString(v, fmt.Sprint(item)); err == nil && match {
				return item, true
			}
		}
	}
	return nil, false
}

// list is the name of the list that a path ran over the end of.
func (t trail) list(steps util.Path) string {
	if t.depth == 0 {
		return ""
	}
	return steps[t.depth-1]
}

func (t trail) why(steps util.Path, err error) string {
	if t.through != "" {
		return fmt.Sprintf("%s is %s", strings.Join(steps[:t.depth], "."), t.through)
	}
	if t.depth < len(steps) {
		return fmt.Sprintf("no %s below %s", steps[t.depth], strings.Join(steps[:t.depth], "."))
	}
	return err.Error()
}

// unnamed says whether a new item of a list of containers has no name.
func unnamed(list string, value *document.Value) bool {
	return (list == "containers" || list == "initContainers") && value.Str("name") == ""
}

func changesType(before, after any) bool { return before != nil && shape(before) != shape(after) }

func shape(v any) string {
	switch v.(type) {
	case map[any]any, map[string]any:
		return "map"
	case []any:
		return "list"
	}
	return "scalar"
}

func typeName(v any) string {
	switch v.(type) {
	case map[any]any, map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}

// anyKeys turns an object into the form in which Istio's code patches it.
func anyKeys(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[any]any, len(x))
		for name, f := range x {
			out[name] = anyKeys(f)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = anyKeys(item)
		}
		return out
	}
	return v
}
