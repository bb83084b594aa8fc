package rendered

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// maxRefusals bounds how many refusals of one configuration are looked for.
const maxRefusals = 10

// render fills in what a configuration renders to. Where Istio refuses it,
// what it does not accept is left out until the rest renders, so that one
// fault does not hide the others.
func (t *tracer) render(r *snapshot.Rendering) []object {
	t.root, t.left = t.config.Root, maxVariants
	found, err := t.options.offline(t.config, t.root)
	if err != nil {
		if faults := paths(reported(t.config)); len(faults) > 0 {
			for _, left := range []map[string]bool{whole(faults), items(faults)} {
				if err != nil {
					t.root = t.config.Root.Prune(func(v *document.Value) bool { return left[v.Path()] })
					found, err = t.options.offline(t.config, t.root)
				}
			}
		}
	}
	for err != nil && len(r.Refusals) < maxRefusals {
		causes, message := t.refused(err)
		r.Refusals = append(r.Refusals, snapshot.Refusal{Message: message, Causes: causes})
		if len(causes) == 0 {
			break
		}
		dropped := whole(paths(causes))
		t.root = t.root.Prune(func(v *document.Value) bool { return dropped[v.Path()] })
		found, err = t.options.offline(t.config, t.root)
	}
	if err != nil {
		r.Unknown = fmt.Sprintf("%s does not render", t.config.Name())
		return nil
	}
	return found
}

// refused finds the values of one refusal, and what is said of them alone.
func (t *tracer) refused(err error) (causes []*document.Value, message string) {
	if port, message := t.refusedPort(err.Error()); port != nil {
		return port, message
	}
	causes = t.blame(err)
	if len(causes) > 0 {
		_, err = t.with(causes)
	}
	return causes, refusal(err)
}

// items adds to values in a list the innermost item that they stand in: what
// is left of it without them may be wrong only for that.
func items(paths map[string]bool) map[string]bool {
	for path := range paths {
		if end := strings.LastIndex(path, "]"); end >= 0 {
			paths[path[:end+1]] = true
		}
	}
	return paths
}

// whole adds to the name of a list's item the item: without a name it would
// be another one.
func whole(paths map[string]bool) map[string]bool {
	for path := range paths {
		if item, ok := strings.CutSuffix(path, "].name"); ok {
			paths[item+"]"] = true
		}
	}
	return withPatches(paths)
}

// reported are the values that other rules report, or that another tool fills
// in before anybody renders them.
func reported(c *snapshot.Config) []*document.Value {
	var out []*document.Value
	for _, issue := range c.Issues() {
		if issue.Class != schema.Deprecated {
			out = append(out, issue.Value)
		}
	}
	for _, v := range c.Root.Leaves() {
		if v.Placeholder() != "" {
			out = append(out, v)
		}
	}
	return append(out, misplaced(c)...)
}

// misplaced are the fields that stand beside the spec of an IstioOperator.
func misplaced(c *snapshot.Config) []*document.Value {
	if !c.IsOperator() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Root.Fields()), func(f *document.Value) bool {
		return slices.Contains([]string{"apiVersion", "kind", "metadata", "spec", "status"}, f.Name())
	})
}

// blame finds few values that are refused in the same words when there is
// nothing else; the refusal may also tell of others.
func (t *tracer) blame(refused error) []*document.Value {
	same := func(kept []*document.Value) bool {
		if t.left <= 0 {
			return false
		}
		_, err := t.with(kept)
		return err != nil && strings.Contains(refused.Error(), err.Error())
	}
	leaves := t.leaves()
	for _, v := range likely(leaves, snapshot.Hint{Text: refused.Error()}) {
		if same([]*document.Value{v}) {
			return []*document.Value{v}
		}
	}
	if !same(leaves) {
		return nil
	}
	return t.few(t.smallest(leaves, nil, same), 5)
}

// inTemplate is how a template that refuses something by itself begins.
var inTemplate = regexp.MustCompile(`execution error at \([^)]*\): `)

// refusal is the innermost part of an error that says something by itself,
// on one line.
func refusal(err error) string {
	text := inTemplate.ReplaceAllString(strings.Join(strings.Fields(err.Error()), " "), "")
	for _, prefix := range []string{"helm render: ", "render chart: ", "post processing: ", "merge inputs: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	// Mesh config is looked at in two places, and what is wrong said twice.
	if half := len(text)/2 - 1; half > 0 && text == text[:half]+", "+text[:half] {
		return text[:half]
	}
	return text
}
