// Package proto is what the sandbox tells the process that started it: events
// as JSON lines on standard output, and DIR/state.json. pkg/sandbox of the root
// module reads both; it has its own copy of these types, because importing this
// module would drag Kubernetes into meshctl.
package proto

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Event is one line on standard output. Type is progress, ready or error. An
// error carries the end of the component's log, because the log is removed with
// the directory.
type Event struct {
	Type       string   `json:"type"`
	Component  string   `json:"component,omitempty"`
	Message    string   `json:"message,omitempty"`
	Kubeconfig string   `json:"kubeconfig,omitempty"`
	Log        []string `json:"log,omitempty"`
	ElapsedMS  int64    `json:"elapsedMs"`
}

// Component is one part of the sandbox and what it is doing. PID is that of the
// process the part runs in; parts that share a process share the number.
type Component struct {
	Name    string `json:"name"`
	State   string `json:"state"` // starting, ready, failed, stopped
	PID     int    `json:"pid"`
	Address string `json:"address,omitempty"`
	Log     string `json:"log,omitempty"`
	Message string `json:"message,omitempty"`
}

// State is the content of DIR/state.json.
type State struct {
	PID        int               `json:"pid"`
	Ready      bool              `json:"ready"`
	StartedAt  time.Time         `json:"startedAt"`
	Dir        string            `json:"dir"`
	Kubeconfig string            `json:"kubeconfig"`
	AuditLog   string            `json:"auditLog,omitempty"`
	Server     string            `json:"server,omitempty"`
	Versions   map[string]string `json:"versions,omitempty"`
	Components []Component       `json:"components"`
}

// Reporter writes events and keeps the state file up to date. It is safe for
// concurrent use.
type Reporter struct {
	out   io.Writer
	path  string
	start time.Time

	mu    sync.Mutex
	state State
}

// NewReporter reports on out and in the file at path.
func NewReporter(out io.Writer, path string, initial State) *Reporter {
	return &Reporter{out: out, path: path, start: initial.StartedAt, state: initial}
}

// Update changes the state and writes it to disk.
func (r *Reporter) Update(change func(*State)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.state)
	return writeAtomic(r.path, r.state)
}

// Set records what a component does now, and tells the parent about it.
func (r *Reporter) Set(c Component) {
	_ = r.Update(func(s *State) { s.put(c) })
	message := c.State
	if c.Message != "" {
		message += ": " + c.Message
	}
	r.emit(Event{Type: "progress", Component: c.Name, Message: message})
}

// Forget removes a component that exists no longer from the state.
func (r *Reporter) Forget(name string) {
	_ = r.Update(func(s *State) {
		s.Components = slices.DeleteFunc(s.Components, func(c Component) bool { return c.Name == name })
	})
}

// Ready tells the parent that everything asked for is up.
func (r *Reporter) Ready() {
	_ = r.Update(func(s *State) { s.Ready = true })
	r.emit(Event{Type: "ready", Kubeconfig: r.state.Kubeconfig})
}

// Error tells the parent that component failed and the sandbox will stop.
func (r *Reporter) Error(component string, err error, log []string) {
	r.emit(Event{Type: "error", Component: component, Message: err.Error(), Log: log})
}

// emit never blocks the sandbox on a parent that went away: a failed write is
// dropped, the parent's death is noticed elsewhere.
func (r *Reporter) emit(e Event) {
	e.ElapsedMS = time.Since(r.start).Milliseconds()
	line, err := json.Marshal(e)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = r.out.Write(append(line, '\n'))
}

// put adds or replaces a component.
func (s *State) put(c Component) {
	for i := range s.Components {
		if s.Components[i].Name == c.Name {
			s.Components[i] = c
			return
		}
	}
	s.Components = append(s.Components, c)
}

// writeAtomic replaces path, so that a reader never sees half a file.
func writeAtomic(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", path, err)
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing state: %w", err)
	}
	return os.Rename(temporary, path)
}
