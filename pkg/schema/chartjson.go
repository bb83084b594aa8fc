package schema

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"

	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// chartSchema is the part of a chart's values.schema.json that is looked at.
type chartSchema struct {
	Defs       map[string]chartSchema `json:"$defs"`
	Ref        string                 `json:"$ref"`
	Type       jsonTypes              `json:"type"`
	Enum       []any                  `json:"enum"`
	Properties map[string]chartSchema `json:"properties"`
	Items      *chartSchema           `json:"items"`
}

// jsonTypes reads "string" and ["string", "null"] alike.
type jsonTypes []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *jsonTypes) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = jsonTypes{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// own adds what the gateway chart's own schema wants: it is the only chart
// with one, and Helm refuses values that do not fit it.
func own(root *node) {
	root.closed = true
	data, err := fs.ReadFile(manifests.FS, chartDir("gateway")+"/values.schema.json")
	if err != nil {
		return
	}
	var s chartSchema
	if json.Unmarshal(data, &s) == nil {
		root.want(s.Defs["values"])
		for name := range root.fields {
			if _, ok := s.Defs["values"].Properties[name]; !ok && !gone(root.fields[name]) {
				delete(root.fields, name) // templates read it, but Helm refuses it
			}
		}
	}
}

// want changes a tree whose parts are shared, so it copies what it changes.
func (n *node) want(s chartSchema) {
	n.json = s.Type
	for name, property := range s.Properties {
		c, ok := n.child(name)
		if !ok && n.shape == dict {
			c, ok = n.elem, n.elem != nil
		}
		if !ok {
			continue
		}
		own := *c
		n.fields = maps.Clone(n.fields)
		n.attach(name, &own)
		own.want(property)
	}
	if s.Items != nil && n.elem != nil {
		own := *n.elem
		n.elem = &own
		own.want(*s.Items)
	}
	if len(n.enum) == 0 && (n.shape == open || n.shape == text) {
		for _, e := range s.Enum {
			if text, ok := e.(string); ok {
				n.enum = append(n.enum, text)
			}
		}
		if len(n.enum) > 0 {
			n.shape, n.lenient = text, true
		}
	}
}

func jsonMismatch(v *document.Value, n *node) string {
	if len(n.json) == 0 || slices.ContainsFunc(n.json, func(t string) bool { return slices.Contains(jsonKinds(t), v.Kind) }) {
		return ""
	}
	what := phrase(n.json[0])
	for _, t := range n.json[1:] {
		if t != "null" {
			what += " or " + phrase(t)
		}
	}
	message := "must be " + what + ", is " + shown(v) + "; Helm refuses it"
	switch {
	case v.Kind == document.String && what != phrase("array") && what != phrase("object"):
		message = "must be " + what + ", is " + shown(v) + "; Helm refuses it, remove the quotes"
	case v.Scalar() && n.json[0] == "string":
		message = "must be " + what + ", is " + shown(v) + "; Helm refuses it, " + PutInQuotes(v)
	}
	return message
}

func phrase(jsonType string) string {
	return map[string]string{
		"string": "a string", "integer": "a whole number", "number": "a number", "boolean": "true or false",
		"object": "a map", "array": "a list", "null": "empty",
	}[jsonType]
}

func jsonKinds(jsonType string) []document.Kind {
	switch jsonType {
	case "string":
		return []document.Kind{document.String}
	case "integer":
		return []document.Kind{document.Int}
	case "number":
		return []document.Kind{document.Int, document.Float}
	case "boolean":
		return []document.Kind{document.Bool}
	case "object":
		return []document.Kind{document.Map}
	case "array":
		return []document.Kind{document.List}
	}
	return []document.Kind{document.Null}
}

// borrow gives values of a chart whose type its defaults do not tell the type
// that the same value has in an IstioOperator.
func borrow(n *node, s facts.Surface) {
	theirs := ownTree(facts.Values)
	borrowFrom(n, theirs)
	if prefix, ok := theirs.child(prefixOf(string(s)[len("helm:"):])); ok && s != facts.Chart("gateway") {
		borrowFrom(n, prefix)
	}
}

func borrowFrom(n, from *node) {
	for name, f := range n.fields {
		theirs, ok := from.child(name)
		switch {
		case !ok:
		case f.shape == open && f.fact != nil && f.fact.Type == "ref" && theirs.shape >= text:
			f.shape, f.lenient = theirs.shape, true
		default:
			borrowFrom(f, theirs)
		}
	}
}
