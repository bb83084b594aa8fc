package files

import (
	"fmt"
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"

	"github.com/meshctl/meshctl/pkg/document"
)

// parameters lays a list of name and value over values, as --set does. What
// an entry changes gets the entry's place and a path that names it.
func parameters(values, list *document.Value, d *document.Document) *document.Value {
	for _, late := range []bool{false, true} { // --set-string comes after --set
		for _, p := range list.Items() {
			if p.IsTrue("forceString") == late && p.Str("name") != "" {
				values = parameter(values, p, late, d)
			}
		}
	}
	return values
}

func parameter(values, p *document.Value, text bool, d *document.Document) *document.Value {
	tree, err := roundTripped(values)
	if err == nil {
		err = parse(p.Str("name")+"="+escaped(p.Str("value")), tree, text)
	}
	if err == nil {
		tree, err = roundTrip(tree)
	}
	at := or(p.Field("value"), p).Location()
	if err != nil {
		d.Problems = append(d.Problems, document.Problem{Kind: document.Syntax, At: at, Message: fmt.Sprintf("parameter %s cannot be set: %v", p.Str("name"), err)})
		return values
	}
	at.Path = p.Path() + "." + p.Str("name")
	return document.Overlay(values, tree, at)
}

func roundTripped(values *document.Value) (map[string]any, error) {
	tree, ok := values.Any().(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the values are a %s, not a map", values.Kind)
	}
	return roundTrip(tree)
}

// parse uses Helm's own parser, which panics on some paths.
func parse(expr string, tree map[string]any, text bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the path runs through a value that is neither map nor list")
		}
	}()
	if text {
		return strvals.ParseIntoString(expr, tree)
	}
	return strvals.ParseInto(expr, tree)
}

var bareComma = regexp.MustCompile(`([^\\]),`)

// escaped keeps the commas of a value, as Argo CD does: only a list in braces
// is split at them.
func escaped(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	return bareComma.ReplaceAllString(value, `$1\,`)
}
