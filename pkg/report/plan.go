package report

import _ "embed"

// PlanVersion names the JSON form of a plan.
const PlanVersion = "meshctl.plan/v1"

//go:embed plan.schema.json
var planSchema []byte

// PlanSchema returns the JSON Schema (draft 2020-12) of a plan's JSON form.
func PlanSchema() []byte { return append([]byte(nil), planSchema...) }

// PlanDocument is what an installation would do, object by object.
type PlanDocument struct {
	SchemaVersion string `json:"schemaVersion"`
	Summary       *Plan  `json:"summary"`
	Steps         []Step `json:"steps"`
}

// Step is what an installation would do to one object.
type Step struct {
	// Action is create, change, delete or unchanged.
	Action    string  `json:"action"`
	Object    string  `json:"object"`
	Component string  `json:"component,omitempty"`
	Fields    []Field `json:"fields,omitempty"`
	// Conflicts are fields that other managers hold with other values.
	Conflicts []Conflict `json:"conflicts,omitempty"`
	// Warning says what is lost.
	Warning string `json:"warning,omitempty"`
}

// Field is one field that would change.
type Field struct {
	Path string `json:"path"`
	Live string `json:"live"`
	Want string `json:"want"`
}

// Conflict names the fields of an object that one manager holds.
type Conflict struct {
	Manager string   `json:"manager"`
	Fields  []string `json:"fields"`
}
