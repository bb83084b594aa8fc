package files

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/secret"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// setAll applies --set expressions in their order. What an expression changes
// gets the expression as its place.
func setAll(configs []*snapshot.Config, sets []string) error {
	if len(sets) > 0 && len(configs) > 1 {
		return usagef("--set: the files hold the values of several charts; write the value into the file of its chart")
	}
	for _, c := range configs {
		for _, expr := range sets {
			after, err := set(c, expr)
			if err != nil {
				return refused(expr, err)
			}
			shown, _ := secret.Expression(expr)
			c.Root = document.Overlay(c.Root, after, finding.Location{File: secret.SetPrefix + shown})
		}
	}
	return nil
}

// refused says why an expression cannot be set, without what is secret in it.
func refused(expr string, err error) error {
	masked, values := secret.Expression(expr)
	text := err.Error()
	for _, v := range values {
		text = strings.ReplaceAll(text, v, secret.Mask)
	}
	return usagef("--set %q: %s", masked, text)
}

// set returns the configuration after one expression, as plain values.
func set(c *snapshot.Config, expr string) (map[string]any, error) {
	path, _, ok := strings.Cut(expr, "=")
	if !ok || strings.TrimSpace(path) == "" {
		return nil, fmt.Errorf("want PATH=VALUE")
	}
	tree, err := plain(c.Root)
	if err != nil {
		return nil, err
	}
	if c.IsOperator() {
		err = cmp.Or(belowSpec(strings.TrimSpace(path)), setOperator(tree, expr))
	} else {
		err = setChart(tree, expr)
	}
	if err != nil {
		return nil, err
	}
	return roundTrip(tree)
}

// belowSpec refuses a path that names the spec, which all of them stand below.
func belowSpec(path string) error {
	if rest, found := strings.CutPrefix(path, "spec."); found {
		return fmt.Errorf("paths begin below spec; did you mean %s?", rest)
	}
	return nil
}

// setOperator uses istioctl's own parser. It panics where a path runs through
// a value that is no map, so that is turned into an error here.
func setOperator(tree map[string]any, expr string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the path runs through a value that is neither map nor list")
		}
	}()
	if err := values.Map(tree).SetSpecPaths(expr); err != nil {
		return fmt.Errorf("setting a value: %w", err)
	}
	return nil
}

// setChart uses Helm's own parser.
func setChart(tree map[string]any, expr string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the path runs through a value that is neither map nor list")
		}
	}()
	if err := strvals.ParseInto(expr, tree); err != nil {
		return fmt.Errorf("setting a value: %w", err)
	}
	return nil
}

func plain(v *document.Value) (map[string]any, error) {
	tree, ok := v.Any().(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the configuration is a %s, not a map", v.Kind)
	}
	// istioctl drops an empty spec before it sets anything below it.
	if spec, has := tree["spec"]; has && spec == nil {
		delete(tree, "spec")
	}
	return roundTrip(tree)
}

// roundTrip turns a tree into what JSON would decode, the form that both
// parsers and the overlay expect.
func roundTrip(tree map[string]any) (map[string]any, error) {
	data, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("encoding values: %w", err)
	}
	out := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a float64 would change long numbers
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("decoding values: %w", err)
	}
	return out, nil
}
