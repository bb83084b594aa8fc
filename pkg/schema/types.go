package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/document"
)

// mismatch says why a value does not fit a field, or "". It follows the
// decoders that will read the value: protojson and encoding/json for an
// IstioOperator, Go templates for Helm values.
func mismatch(v *document.Value, n *node) string {
	if v.Kind == document.String && v.Placeholder() != "" {
		return "" // what it will be is not known yet
	}
	if problem := jsonMismatch(v, n); problem != "" {
		return problem
	}
	if n.empty && v.Kind == document.Map && len(v.Fields()) == 0 {
		return ""
	}
	switch n.shape {
	case formal:
		return formMismatch(v, n.form)
	case object, dict:
		return want(v, "a map", document.Map)
	case list:
		return want(v, "a list", document.List)
	case boolean:
		return boolMismatch(v)
	case integer, number:
		return numberMismatch(v, n)
	case duration:
		return durationMismatch(v)
	case text:
		return textMismatch(v, n)
	case quantity:
		return quantityMismatch(v)
	}
	return ""
}

func want(v *document.Value, what string, kinds ...document.Kind) string {
	if slices.Contains(kinds, v.Kind) {
		return ""
	}
	return fmt.Sprintf("must be %s, is %s", what, shown(v))
}

// shown prints a value for a message, shortened.
func shown(v *document.Value) string {
	switch v.Kind {
	case document.Map, document.List:
		return "a " + v.Kind.String()
	}
	s := v.Text
	if len(s) > 40 {
		s = s[:37] + "..."
	}
	if v.Kind == document.String {
		return fmt.Sprintf("the string %q", s)
	}
	return fmt.Sprintf("the %s %s", v.Kind, s)
}

func boolMismatch(v *document.Value) string {
	if v.Kind == document.String && (v.Text == "true" || v.Text == "false") {
		return fmt.Sprintf("must be a boolean, is the string %q; remove the quotes", v.Text)
	}
	return want(v, "true or false", document.Bool)
}

func numberMismatch(v *document.Value, n *node) string {
	what, kinds := "a whole number", []document.Kind{document.Int}
	if n.shape == number {
		what, kinds = "a number", append(kinds, document.Float)
	}
	if v.Kind == document.String {
		// A quoted number is accepted by protojson and by templates.
		if _, err := strconv.ParseFloat(v.Text, 64); err == nil {
			if quotedNumber(n) {
				return ""
			}
			return fmt.Sprintf("must be %s, is %s; remove the quotes", what, shown(v))
		}
	}
	if v.Kind == document.Float && strings.HasSuffix(strings.TrimRight(v.Text, "0"), ".") {
		return ""
	}
	return want(v, what, kinds...)
}

// quotedNumber says whether a number may be written as text: protojson and
// templates take it, encoding/json does not.
func quotedNumber(n *node) bool {
	return !n.strict && (n.lenient || n.fact == nil || protoSurface(n))
}

// protoSurface tells protojson fields from those of plain Go structs: only
// the spec of an IstioOperator is decoded by encoding/json.
func protoSurface(n *node) bool { return n.fact.Surface != "iop:spec" }

func quantityMismatch(v *document.Value) string {
	if problem := want(v, "an amount such as 500m or 1Gi", document.String, document.Int, document.Float); problem != "" {
		return problem
	}
	if _, err := resource.ParseQuantity(v.Text); err != nil {
		return fmt.Sprintf("%q is not an amount, want for example 500m or 1Gi", v.Text)
	}
	return ""
}

func durationMismatch(v *document.Value) string {
	if problem := want(v, "a duration such as 10s", document.String); problem != "" {
		return problem
	}
	if _, err := time.ParseDuration(v.Text); err != nil {
		return fmt.Sprintf("%q is not a duration, want for example 10s or 1m", v.Text)
	}
	return ""
}

func textMismatch(v *document.Value, n *node) string {
	if len(n.enum) > 0 && v.Scalar() {
		return enumMismatch(v, n)
	}
	if n.lenient {
		return want(v, "a string", document.String, document.Int, document.Float, document.Bool)
	}
	if v.Scalar() && v.Kind != document.String {
		return fmt.Sprintf("must be a string, is %s; %s", shown(v), PutInQuotes(v))
	}
	if problem := want(v, "a string", document.String); problem != "" || n.form == nil {
		return problem
	}
	return n.form.problem(v.Text)
}

func enumMismatch(v *document.Value, n *node) string {
	if n.numbers && v.Kind == document.Int || v.Text == "" && !n.numbers {
		return ""
	}
	return oneOf(slices.DeleteFunc(slices.Clone(n.enum), func(s string) bool { return s == "" }), v.Text)
}
