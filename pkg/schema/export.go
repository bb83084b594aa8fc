package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/facts"
)

// draft is the dialect that editors understand best.
const draft = "http://json-schema.org/draft-07/schema#"

// jsonSchema is the part of JSON Schema that is printed.
type jsonSchema struct {
	Schema      string                 `json:"$schema,omitempty"`
	Ref         string                 `json:"$ref,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Deprecated  bool                   `json:"deprecated,omitempty"`
	Message     string                 `json:"deprecationMessage,omitempty"`
	Type        []string               `json:"type,omitempty"`
	Enum        []any                  `json:"enum,omitempty"`
	Pattern     string                 `json:"pattern,omitempty"`
	Most        *int                   `json:"maxProperties,omitempty"`
	AnyOf       []*jsonSchema          `json:"anyOf,omitempty"`
	Properties  map[string]*jsonSchema `json:"properties,omitempty"`
	Items       *jsonSchema            `json:"items,omitempty"`
	Additional  any                    `json:"additionalProperties,omitempty"`
	Definitions map[string]*jsonSchema `json:"definitions,omitempty"`
}

// JSONSchema describes the files of one surface for editors: the spec of an
// IstioOperator stands for the whole object, a chart for its values. What the
// checks refuse in a file, the schema refuses too, but for what depends on
// several fields.
func JSONSchema(s facts.Surface, istio facts.Minor) ([]byte, error) {
	e := exporter{istio: istio, done: map[*node]*jsonSchema{}, named: map[string]string{}, definitions: map[string]*jsonSchema{}}
	root := e.root(s)
	root.Schema, root.Definitions = draft, e.definitions
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("writing the JSON Schema of %s: %w", s, err)
	}
	return out.Bytes(), nil
}

type exporter struct {
	istio       facts.Minor
	done        map[*node]*jsonSchema
	named       map[string]string // a definition's text to its name
	definitions map[string]*jsonSchema
}

func (e *exporter) root(s facts.Surface) *jsonSchema {
	if s != facts.Spec {
		out := e.object(surfaceTree(s))
		out.Title = "Values of Istio's chart " + string(s)[len("helm:"):] + " " + e.istio.String()
		return out
	}
	text := func() *jsonSchema { return &jsonSchema{Type: []string{"string"}} }
	meta := map[string]*jsonSchema{}
	for _, name := range objectMeta() {
		meta[name] = &jsonSchema{}
	}
	return &jsonSchema{
		Title: "IstioOperator of Istio " + e.istio.String(), Type: []string{"object"}, Additional: false,
		Properties: map[string]*jsonSchema{
			"apiVersion": {Type: []string{"string"}, Enum: []any{"install.istio.io/v1alpha1"}},
			"kind":       {Type: []string{"string"}, Enum: []any{"IstioOperator"}},
			"metadata":   {Type: []string{"object"}, Properties: meta, Additional: false},
			"spec":       e.define("spec", e.object(surfaceTree(facts.Spec))),
			"status":     text(),
		},
	}
}

// convert turns a field into its schema. Large objects become definitions,
// equal ones the same.
func (e *exporter) convert(name string, n *node) *jsonSchema {
	n = n.whole()
	if out, ok := e.done[n]; ok {
		return out
	}
	var out *jsonSchema
	switch {
	case e.istio.Before(n.since) || n.shape == open && len(n.json) == 0:
		out = &jsonSchema{}
	case n.shape == object:
		out = e.define(name, e.object(n))
	case n.shape == dict:
		out = e.dict(n)
	case n.shape == list:
		out = &jsonSchema{Type: types(n, "array")}
		if n.elem != nil {
			out.Items = e.convert(name, n.elem)
		}
	default:
		out = scalar(n)
	}
	e.done[n] = out
	return out
}

func (e *exporter) object(n *node) *jsonSchema {
	out := &jsonSchema{Type: types(n, "object"), Properties: map[string]*jsonSchema{}, Additional: false}
	if n.custom {
		out.Additional = nil
	}
	for _, name := range n.names(e.istio) {
		out.Properties[name] = e.property(name, n, n.fields[name])
	}
	for alias, name := range n.aliases {
		if f := out.Properties[name]; f != nil {
			out.Properties[alias] = f
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.wrappers)) {
		out.Properties[name] = &jsonSchema{Type: types(n, "object"), Deprecated: true, Message: "The chart keeps its own defaults here; write values at the root."}
	}
	return out
}

func (e *exporter) dict(n *node) *jsonSchema {
	out := &jsonSchema{Type: types(n, "object")}
	if n.elem != nil {
		out.Additional = e.convert("entry", n.elem)
	}
	for name, f := range n.fields {
		if out.Properties == nil {
			out.Properties = map[string]*jsonSchema{}
		}
		out.Properties[name] = e.convert(name, f)
	}
	return out
}

// property adds to a field's schema what is known about it in this place.
func (e *exporter) property(name string, parent, n *node) *jsonSchema {
	out := *e.convert(name, n)
	out.Description = describe(name, parent, n)
	if n.fact != nil && n.fact.Surface == facts.Values && n.fact.Path == selectorPath && !e.istio.Before(kubeStrict) {
		none := 0
		out.Most, out.Message = &none, "Set it below spec.unvalidatedValues."
	}
	switch {
	case n.dead.In(e.istio):
		out.Deprecated, out.Message = true, unused(name, n.dead, e.istio)
	case n.fact != nil && deprecated(n.fact) && !e.istio.Before(n.fact.DeprecatedSince):
		out.Deprecated, out.Message = true, "Deprecated"+since(n.fact)+instead(n.fact)
	}
	return &out
}

// define moves an object into the definitions and refers to it.
func (e *exporter) define(name string, s *jsonSchema) *jsonSchema {
	if len(s.Properties) < 2 {
		return s
	}
	text, err := json.Marshal(s)
	if err != nil {
		return s
	}
	id, ok := e.named[string(text)]
	if !ok {
		for id = name; e.definitions[id] != nil; {
			id = fmt.Sprintf("%s%d", name, len(e.definitions))
		}
		e.named[string(text)], e.definitions[id] = id, s
	}
	return &jsonSchema{Ref: "#/definitions/" + id}
}
