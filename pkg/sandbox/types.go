package sandbox

import (
	"time"
)

// The values of Event.Type.
const (
	EventProgress = "progress" // a component changed its state
	EventReady    = "ready"    // everything asked for is up
	EventError    = "error"    // a component broke down; the sandbox stops
)

// Event is something that happened in a sandbox.
type Event struct {
	Type       string   `json:"type"`
	Component  string   `json:"component,omitempty"`
	Message    string   `json:"message,omitempty"`
	Kubeconfig string   `json:"kubeconfig,omitempty"`
	Log        []string `json:"log,omitempty"` // of an error: the end of the component's log
	ElapsedMS  int64    `json:"elapsedMs"`     // milliseconds since the sandbox began to start
}

// The values of Component.State.
const (
	StateStarting = "starting"
	StateReady    = "ready"
	StateFailed   = "failed"
	StateStopped  = "stopped"
)

// Component is one part of a sandbox. Parts that share a process share its PID.
type Component struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	PID     int    `json:"pid"`
	Address string `json:"address,omitempty"`
	Log     string `json:"log,omitempty"` // path of the component's log
	Message string `json:"message,omitempty"`
}

// Status is what a sandbox last said about itself.
type Status struct {
	PID        int               `json:"pid"`
	Ready      bool              `json:"ready"`
	StartedAt  time.Time         `json:"startedAt"`
	Dir        string            `json:"dir"`
	Kubeconfig string            `json:"kubeconfig"`
	AuditLog   string            `json:"auditLog,omitempty"`
	Server     string            `json:"server,omitempty"` // https://127.0.0.1:PORT
	Versions   map[string]string `json:"versions,omitempty"`
	Components []Component       `json:"components"`
}

// Options say what kind of sandbox to start. The zero value is a good one.
type Options struct {
	// Binary is the path of meshctl-sandbox; see FindBinary for the default.
	Binary string
	// Dir is the private directory, which must be empty or missing and is
	// removed in the end. The default is a new one in the temporary directory,
	// or DetachedDir for a detached sandbox.
	Dir string
	// Nodes is the number of worker nodes; 0 means 3.
	Nodes int
	// NoIstiod leaves istiod's pods to the simulation: they look ready, but
	// nothing answers.
	NoIstiod bool
	// NoAudit writes no audit log of the API server.
	NoAudit bool
	// Progress, if set, is called with every event, one at a time, from a
	// goroutine of its own, and for as long as the sandbox runs.
	Progress func(Event)
}
