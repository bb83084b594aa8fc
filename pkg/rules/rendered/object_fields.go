package rendered

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func objectFields() *rule.Rule {
	return &rule.Rule{
		ID: "MAN003", Name: "object-fields", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered object has a field that its kind does not have, or a value of another type than the field's.",
		Why:     "The API server refuses a wrong type; an unknown field it refuses from istioctl and drops from helm, and neither notices before it applies.",
		Fix:     "Correct the value that the finding names; charts paste what they are given into the objects.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, single(decode)) },
	}
}

// decode reads an object strictly into Kubernetes' own type. Errors about
// types name no path, so on one every value is tried by itself.
func decode(o *unstructured.Unstructured) []problem {
	unknown, err := strictly(o, o.Object)
	if err == nil {
		return unknown
	}
	var out []problem
	leaves(o.Object, nil, func(path []string, v any) {
		if _, err := strictly(o, only(path, v).(map[string]any)); err != nil {
			out = append(out, problem{
				path: dotted(path), text: brief(v), severity: finding.Error,
				message: fmt.Sprintf("%s: %s", dotted(path), wrong(err, brief(v))),
			})
		}
	})
	if len(out) == 0 {
		out = append(out, problem{message: err.Error(), severity: finding.Error})
	}
	return out
}

// strictly decodes a tree and lists the fields that the type does not have.
func strictly(o *unstructured.Unstructured, tree map[string]any) ([]problem, error) {
	typed, err := types().New(o.GroupVersionKind())
	if err != nil {
		return nil, nil // a custom resource
	}
	err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(tree, typed, true)
	strict, isStrict := runtime.AsStrictDecodingError(err)
	if !isStrict {
		return nil, err
	}
	var out []problem
	for _, e := range strict.Errors() {
		_, path, found := strings.Cut(e.Error(), "unknown field ")
		if path, err := strconv.Unquote(path); found && err == nil {
			out = append(out, problem{path: path, message: fmt.Sprintf("%s has no field %q", o.GetKind(), path), severity: finding.Error, dropped: true})
		}
	}
	return out, nil
}

// leaves visits every scalar and every empty map or list.
func leaves(v any, path []string, visit func([]string, any)) {
	switch x := v.(type) {
	case map[string]any:
		for _, name := range sorted(x) {
			leaves(x[name], append(slices.Clone(path), name), visit)
		}
		if len(x) > 0 {
			return
		}
	case []any:
		for i, item := range x {
			leaves(item, append(slices.Clone(path), index(i)), visit)
		}
		if len(x) > 0 {
			return
		}
	}
	visit(path, v)
}

// only is a tree with nothing but one value.
func only(path []string, v any) any {
	for i := len(path) - 1; i >= 0; i-- {
		if isIndex(path[i]) {
			v = []any{v}
		} else {
			v = map[string]any{path[i]: v}
		}
	}
	return v
}

// wrong says what a value should be, from an error that names the Go type.
func wrong(err error, text string) string {
	message := err.Error()
	if strings.Contains(message, "quantities must match") {
		return fmt.Sprintf("%q is no amount, want for example 500m or 1Gi", text)
	}
	message, _, _ = strings.Cut(message, " from")
	for _, want := range []struct{ goType, words string }{
		{"slice", "a list"}, {"struct", "a map"}, {"map", "a map"}, {"int", "a whole number"}, {"float", "a number"},
		{"bool", "true or false"}, {"string", "a string"},
	} {
		if strings.Contains(message, want.goType) {
			return fmt.Sprintf("must be %s, is %q", want.words, text)
		}
	}
	return fmt.Sprintf("%q: %s", text, err)
}
