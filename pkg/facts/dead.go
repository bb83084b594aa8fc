package facts

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed data/values-dead.tsv
var deadTSV string

// Dead is a value that the schema of an IstioOperator accepts although no
// chart reads it, so that setting it does nothing.
type Dead struct {
	Path   string // below spec.values
	Minors []Minor
	// Instead is the setting that has the effect, "" where there is none.
	Instead string
}

// In says whether the value is dead in a minor.
func (d *Dead) In(istio Minor) bool { return d != nil && slices.Contains(d.Minors, istio) }

var dead = sync.OnceValue(func() []Dead {
	var out []Dead
	for c := range rows(deadTSV, 3) {
		d := Dead{Path: c[0], Instead: c[2]}
		for m := range strings.SplitSeq(c[1], ",") {
			d.Minors = append(d.Minors, mustMinor(m))
		}
		out = append(out, d)
	}
	return out
})

// DeadValues lists the dead values; callers must not change them.
func DeadValues() []Dead { return dead() }
