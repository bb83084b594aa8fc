package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNotRunning says that there is no detached sandbox.
var ErrNotRunning = errors.New("no sandbox is running")

// ErrRunning says that there is a detached sandbox already.
var ErrRunning = errors.New("a sandbox is running already")

// BinaryError says that meshctl-sandbox was not found, and where it was looked
// for.
type BinaryError struct {
	Tried []string
}

// Error implements error.
func (e *BinaryError) Error() string {
	return "meshctl-sandbox not found: run `make build`, or put it next to meshctl, into the PATH, or name it in $" +
		binaryVariable + " (looked for " + strings.Join(e.Tried, ", ") + ")"
}

// StartError says which component kept a sandbox from starting.
type StartError struct {
	Component string
	Message   string
	Log       []string // the end of the component's log
}

// Error implements error.
func (e *StartError) Error() string {
	text := fmt.Sprintf("starting the sandbox: %s: %s", e.Component, e.Message)
	if len(e.Log) > 0 {
		text += "\nthe end of its log:\n  " + strings.Join(e.Log, "\n  ")
	}
	return text
}

// StaleError says that a detached sandbox died without cleaning up, and that
// what it left behind was removed. It matches ErrNotRunning.
type StaleError struct {
	Dir       string
	PID       int
	StartedAt time.Time // zero if it died too early to say
}

// Error implements error.
func (e *StaleError) Error() string {
	text := fmt.Sprintf("the sandbox in %s (process %d) died without stopping; its directory was removed", e.Dir, e.PID)
	if !e.StartedAt.IsZero() {
		text += fmt.Sprintf(" (it was started %s)", e.StartedAt.Format(time.RFC3339))
	}
	return text
}

// Unwrap makes a StaleError match ErrNotRunning.
func (e *StaleError) Unwrap() error { return ErrNotRunning }
