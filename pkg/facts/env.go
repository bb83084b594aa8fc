package facts

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/env.tsv
var envTSV string

// The programs whose environment is known. ztunnel reads names of its own,
// which no table here lists.
const (
	Istiod   = "istiod"
	Agent    = "agent" // pilot-agent, which runs in every proxy
	CNIAgent = "cni"
)

// Env is an environment variable that a program of Istio reads.
type Env struct {
	Name    string
	Program string
	// First is the first minor known to read it, 1.18 for that one or an
	// earlier one; Removed is zero while it lives.
	First, Removed Minor
	defaults       []envDefault
}

type envDefault struct {
	since Minor
	value string
}

// unknownDefault marks a default that is computed.
const unknownDefault = "?"

// Default is the value that a program takes in a minor where the variable is
// not set; ok is false where that is not known.
func (e *Env) Default(istio Minor) (value string, ok bool) {
	for _, d := range e.defaults {
		if !istio.Before(d.since) {
			value, ok = d.value, d.value != unknownDefault
		}
	}
	return value, ok
}

// In says whether the variable is read in a minor.
func (e *Env) In(istio Minor) bool {
	return !istio.Before(e.First) && (!e.Removed.Known() || istio.Before(e.Removed))
}

var envs = sync.OnceValue(func() map[string]*Env {
	out := map[string]*Env{}
	for c := range rows(envTSV, 5) {
		out[c[0]] = &Env{Name: c[0], Program: c[1], First: mustMinor(c[2]), Removed: mustMinor(c[3]), defaults: defaults(c[4])}
	}
	return out
})

func defaults(text string) []envDefault {
	var out []envDefault
	for field := range strings.FieldsSeq(text) {
		since, value, _ := strings.Cut(field, "=")
		out = append(out, envDefault{mustMinor(since), value})
	}
	return out
}

// EnvVar looks an environment variable up.
func EnvVar(name string) (*Env, bool) {
	e, ok := envs()[name]
	return e, ok
}

// EnvNames lists the variables that programs in a cluster read in a minor.
func EnvNames(istio Minor) []string {
	var out []string
	for name, e := range envs() {
		if e.In(istio) && (e.Program == Istiod || e.Program == Agent || e.Program == CNIAgent) {
			out = append(out, name)
		}
	}
	return out
}
