package snapshot

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
)

// Mesh is the Chart of a configuration that is mesh config only, as the
// ConfigMap istio holds it. It is no chart: rules about charts leave it alone.
const Mesh = "mesh"

// Wrapper is an object of another tool that holds or names the values, such
// as a Flux HelmRelease.
type Wrapper struct {
	Kind, Namespace, Name string
	// Object is the object itself, as the file has it: its kind may be a
	// misspelling of Kind. Chart is where it names its chart, and
	// MeantChart is what that name is a misspelling of, "" for a right one.
	Object, Chart *document.Value
	MeantChart    string
	// Release is the name of the Helm release, where the object tells it.
	Release string
	// Cluster is what the object says about the cluster that it installs to;
	// "" for the one that it is in itself. It is only good to be compared.
	Cluster string
	// Version names the Istio version that is installed, Pinned is its minor:
	// zero where the text allows several, or none that can be told offline.
	Version *document.Value
	Pinned  facts.Minor
	// Replaced are values that the tool does not read, because others stand
	// beside them; nil for none.
	Replaced *document.Value
	// Filler is the tool that fills in expressions before anybody reads the
	// values, and Fills the beginnings of those: "{{" for an ApplicationSet.
	Filler string
	Fills  []string
}

// String names the object as findings do.
func (w *Wrapper) String() string {
	if w.Namespace == "" {
		return w.Kind + "/" + w.Name
	}
	return w.Kind + "/" + w.Namespace + "/" + w.Name
}

// Filled says whether the tool behind the object fills in an expression.
func (w *Wrapper) Filled(expression string) bool {
	if w == nil {
		return false
	}
	for _, f := range w.Fills {
		if strings.HasPrefix(expression, f) {
			return true
		}
	}
	return false
}

// Unseen is a part of a configuration that exists, but is not in the files
// that were read, or not in a form that can be read.
type Unseen struct {
	At      finding.Locator
	Message string
	// Silent marks what another finding tells already.
	Silent bool
}

// Complete says whether all of a configuration was seen. Where it was not,
// nobody can tell that a setting is missing.
func (c *Config) Complete() bool { return len(c.Unseen) == 0 }

// IsMesh says whether the configuration is mesh config only.
func (c *Config) IsMesh() bool { return c.Chart == Mesh }
