// Package config reads .meshctl.yaml, in which a repository keeps what it has
// decided: what counts, what is left out and why, and what is checked for.
package config

import (
	"github.com/meshctl/meshctl/pkg/finding"
)

// FileName is what the configuration file is called.
const FileName = ".meshctl.yaml"

// Setting is a value with its place.
type Setting struct {
	Value string
	At    finding.Location
}

// Exception leaves the findings of a rule out, in some files or everywhere.
type Exception struct {
	// Rule is an ID or a prefix of IDs.
	Rule string
	// Path is a glob relative to the configuration file; "" is everywhere.
	Path   string
	Reason string
	At     finding.Location
}

// Rules hold what single rules can be told.
type Rules struct {
	// SensitiveMetrics makes TEL001 ask for metrics not to be merged.
	SensitiveMetrics bool
	// AllowedAnnotations are those that ANN001 lets pods have.
	AllowedAnnotations []string
	// AllowedWriters are subjects that SE001 and SCP003 let write Istio's
	// objects.
	AllowedWriters []string
	// ManyServices is from how many services on SDC002 asks for a Sidecar; 0
	// where nothing says so.
	ManyServices int
}

// Config is a configuration file. Settings that it does not have are zero.
type Config struct {
	// File is the path for messages, Folder the absolute path of its folder.
	File, Folder string

	FailOn Setting // error, warning, info or never
	Strict bool
	// Select and Ignore are IDs of rules or prefixes of IDs.
	Select, Ignore []string
	Exceptions     []Exception
	// Severity is error, warning or info, by ID or prefix.
	Severity map[string]finding.Severity
	// Versions are checked to be known; "" where not set.
	IstioVersion, FromVersion, KubernetesVersion, Platform string
	// Baseline is the path of a baseline file, relative to this file.
	Baseline string
	Rules    Rules
}
