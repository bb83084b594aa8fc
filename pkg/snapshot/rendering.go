package snapshot

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// Rendering is what rendering one configuration offline gave.
type Rendering struct {
	Config *Config
	// Manifests are the objects that it means, but for the CRDs, which are
	// the same whatever the configuration says.
	Manifests []Manifest
	// Plain are the same objects before spec.components.*.k8s.overlays were
	// applied; nil where there are none.
	Plain []Manifest
	// Refusals are what the renderer did not accept and what was left out
	// to render the rest. Other rules report faults of the schema, so these
	// are not among them.
	Refusals []Refusal
	// Unknown says why the configuration was not rendered; "" if it was.
	Unknown string
	// Trace finds the values that cause a problem; nil where that cannot be
	// found out. Use Causes.
	Trace Tracer
}

// Refusal is one reason for which a configuration does not render.
type Refusal struct {
	// Message is the renderer's own.
	Message string
	// Causes are the written values without which it renders; empty where
	// that is not known.
	Causes []*document.Value
}

// Tracer finds the written values without which a problem is gone. Its answer
// depends on nothing but the configuration. The ID tells problems apart, so
// that the same one is looked for once.
type Tracer func(id string, hint Hint, problem func([]Manifest) State) []*document.Value

// Hint helps a Tracer to look at likely values first.
type Hint struct{ Path, Text string }

// State is what became of a problem in another rendering.
type State uint8

// The states of a problem.
const (
	Gone   State = iota // the object is there and right
	Absent              // the object is not there at all
	There               // the problem is still there
)

// Causes returns the written values without which a problem in the manifests
// is gone, the likeliest first; none where the charts themselves cause it or
// where it could not be found out.
func (r *Rendering) Causes(id string, hint Hint, problem func([]Manifest) State) []*document.Value {
	if r == nil || r.Trace == nil {
		return nil
	}
	return r.Trace(id, hint, problem)
}

// Find returns the object with a key, or nil.
func Find(manifests []Manifest, key Key) *Manifest {
	for i := range manifests {
		if KeyOf(manifests[i].Object) == key {
			return &manifests[i]
		}
	}
	return nil
}

// Locate is the place of a value that was written, or else of a field of an
// object, with the object named in both cases.
func (r *Rendering) Locate(v *document.Value, m Manifest, path string) finding.Location {
	at := Place(m.Object, path)
	if v != nil {
		at = v.Location()
		at.Object = KeyOf(m.Object).String()
		return at
	}
	at.File = r.Config.Root.Location().File
	return at
}
