// Package facts holds the tables that rules look things up in: which value,
// profile, platform and Kubernetes version exists in which Istio minor. The
// tables are data checked against the released charts and types; where one
// and the linked Istio module disagree, the module wins.
package facts

import (
	_ "embed"
	"strings"
	"sync"
)

// Surface names a set of fields that is checked as one.
type Surface string

// The surfaces of the fields table; Unvalidated joins several.
const (
	Spec        Surface = "iop:spec"              // IstioOperator spec
	Values      Surface = "iop:values"            // spec.values of an IstioOperator
	Unvalidated Surface = "iop:unvalidatedValues" // what istioctl adds to the values unseen
	MeshConfig  Surface = "mesh:MeshConfig"       // istio.mesh.v1alpha1.MeshConfig
	ProxyConfig Surface = "mesh:ProxyConfig"
)

// Chart returns the surface of one Helm chart: base, istiod, cni, ztunnel or
// gateway.
func Chart(name string) Surface { return Surface("helm:" + name) }

// Charts lists the five charts that users install, in the order of
// installation.
func Charts() []string { return []string{"base", "istiod", "cni", "ztunnel", "gateway"} }

// Field is one row of the fields table.
type Field struct {
	Surface Surface
	Path    string // dotted, [] after lists, * for any key
	Alias   string // a second accepted spelling of the whole path, or ""
	Type    string // as the chart or the proto names it; "" if not known
	First   Minor  // the first minor known to have it
	Removed Minor  // the first minor without it; zero while it lives
	// DeprecatedSince is zero where only the note says it.
	DeprecatedSince Minor
	Note            string // deprecation note
	Replacement     string
}

//go:embed data/values-fields.tsv
var fieldsTSV string

// fields holds the rows of the surfaces that were asked for: most runs need
// few of them.
var fields sync.Map

// Fields returns the rows of one surface; callers must not change them.
func Fields(s Surface) []Field {
	rows, ok := fields.Load(s)
	if !ok {
		rows, _ = fields.LoadOrStore(s, rowsOf(s))
	}
	return rows.([]Field)
}

func rowsOf(s Surface) []Field {
	prefix := string(s) + "\t"
	out := make([]Field, 0, strings.Count(fieldsTSV, "\n"+prefix))
	for line := range strings.SplitSeq(fieldsTSV, "\n") {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) < 9 {
			continue
		}
		out = append(out, Field{
			Surface: s, Path: c[1], Alias: c[2], Type: c[3],
			First: mustMinor(c[4]), Removed: mustMinor(c[5]), DeprecatedSince: mustMinor(c[6]),
			Note: c[7], Replacement: c[8],
		})
	}
	return out
}

// mustMinor reads a minor of an embedded table; a broken table is a
// programming error that the package's tests find.
func mustMinor(text string) Minor {
	if text == "" {
		return Minor{}
	}
	m, err := ParseMinor(text)
	if err != nil {
		return Minor{}
	}
	return m
}
