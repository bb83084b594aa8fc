package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// defaultsKey is where the charts keep their own defaults.
const defaultsKey = "_internal_defaults_do_not_set"

// chartFields joins what a chart's defaults, its templates and its schema
// know about its values.
func chartFields(charts fs.FS, dir string) (found, error) {
	out := found{}
	defaults, err := chartDefaults(charts, dir)
	if err != nil {
		return nil, err
	}
	defaultFields(out, defaults, "")
	refs, err := references(charts, dir)
	if err != nil {
		return nil, err
	}
	for path := range refs {
		if _, ok := out[path]; !ok {
			out[path] = evidence{kind: "ref"}
		}
	}
	for _, path := range bundledKeys() {
		if _, ok := out[path]; !ok {
			out[path] = evidence{faint: true}
		}
	}
	if err := schemaFields(out, charts, dir); err != nil {
		return nil, err
	}
	return out, nil
}

// bundledKeys are read by every chart before its own templates are.
func bundledKeys() []string {
	return []string{"profile", "platform", "compatibilityVersion", "_original"}
}

func chartDefaults(charts fs.FS, dir string) (*yaml.Node, error) {
	data, err := fs.ReadFile(charts, dir+"/values.yaml")
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("parsing the values of %s: %w", dir, err)
	}
	if inner := child(doc.Content[0], defaultsKey); inner != nil {
		return inner, nil
	}
	return doc.Content[0], nil
}

func child(m *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i+1]
		}
	}
	return nil
}

func defaultFields(out found, m *yaml.Node, prefix string) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		path, value := prefix+m.Content[i].Value, m.Content[i+1]
		kind := defaultKind(m.Content[i].Value, value)
		out[path] = evidence{kind: kind, comment: head(m.Content[i])}
		if kind == "object" {
			defaultFields(out, value, path+".")
		}
	}
}

// defaultKind tells the type of a value from its default. A map whose keys
// the user chooses stays open.
func defaultKind(name string, v *yaml.Node) string {
	switch v.Kind {
	case yaml.SequenceNode:
		return "list"
	case yaml.MappingNode:
		if len(v.Content) == 0 || openMap(name) {
			return "map"
		}
		return "object"
	}
	switch v.Tag {
	case "!!bool":
		return "bool"
	case "!!int":
		return "int"
	case "!!float":
		return "float"
	case "!!null":
		return "null"
	}
	return "string"
}

func openMap(name string) bool {
	return slices.Contains([]string{"resources", "requests", "limits", "env", "labels", "annotations", "nodeSelector", "podAnnotations", "podLabels"}, name) ||
		strings.HasSuffix(name, "Annotations") || strings.HasSuffix(name, "Labels")
}

// schemaFields adds what a chart's own values.schema.json allows.
func schemaFields(out found, charts fs.FS, dir string) error {
	data, err := fs.ReadFile(charts, dir+"/values.schema.json")
	if err != nil {
		return nil // only chart gateway has one
	}
	var s struct {
		Defs map[string]property `json:"$defs"`
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("parsing the schema of %s: %w", dir, err)
	}
	s.Defs["values"].fields(out, "")
	return nil
}

type property struct {
	Properties map[string]property `json:"properties"`
}

func (p property) fields(out found, prefix string) {
	for name, inner := range p.Properties {
		if _, ok := out[prefix+name]; !ok {
			out[prefix+name] = evidence{}
		}
		inner.fields(out, prefix+name+".")
	}
}

// prefixed adds the older spelling of what two charts take at the root: they
// copy everything below their own name there.
func prefixed(in found, prefix string, shared []string) {
	for path, e := range in {
		if top, _, _ := strings.Cut(path, "."); !slices.Contains(shared, top) && top != prefix {
			in[prefix+"."+path] = e
		}
	}
	in[prefix] = evidence{kind: "object"}
}
