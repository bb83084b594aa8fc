package report

import _ "embed"

//go:embed events.schema.json
var eventsSchema []byte

// EventsSchema returns the JSON Schema (draft 2020-12) of one event.
func EventsSchema() []byte { return append([]byte(nil), eventsSchema...) }

// Event is one line of the stream that an installation writes.
type Event struct {
	// Type is stage, one of an installation's own (applying, applied,
	// waiting, ready, deleted, restored, failed), or report at the end.
	Type string `json:"type"`
	// Time is when it happened, in RFC 3339; the report has none.
	Time      string `json:"time,omitempty"`
	Stage     string `json:"stage,omitempty"`
	Component string `json:"component,omitempty"`
	Object    string `json:"object,omitempty"`
	Action    string `json:"action,omitempty"`
	Message   string `json:"message,omitempty"`
	// Report comes with the last event.
	Report *Report `json:"report,omitempty"`
}
