// Package snapshot is the immutable picture that rules look at: what the
// configuration says, what the cluster holds, what would be installed, and
// what could not be read and why. Sources fill it; rules only read it.
package snapshot

import (
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// Part names a piece of the picture that a rule may need.
type Part string

// The parts of a snapshot that are no lists of objects.
const (
	Documents     Part = "documents"        // files as parsed
	Configuration Part = "configuration"    // what is to be installed
	Rendered      Part = "manifests"        // the objects that would be installed
	ServerVersion Part = "server version"   // version of the API server
	Platform      Part = "platform"         // distribution the cluster runs on
	Access        Part = "permissions"      // what the user may do
	Kinds         Part = "API kinds"        // which rendered kinds the server knows
	Running       Part = "running version"  // the Istio minor that runs today
	DryRuns       Part = "dry runs"         // answers of the API server to applying the rendered objects
	Leftovers     Part = "leftovers"        // objects of the installation that are rendered no more
	Live          Part = "live objects"     // the rendered objects as they are in the cluster
	Probes        Part = "probes"           // answers of the API server to dry-run requests
	Existing      Part = "existing objects" // who owns the rendered objects that are there already
	Records       Part = "records"          // what install recorded of installations
	Touched       Part = "objects that the upgrade touches"
	Autoscaler    Part = "node autoscaler"    // what adds nodes
	PullSecrets   Part = "image pull secrets" // the rendered pods' pull secrets, without their data
	Unserved      Part = "served versions"    // CRDs without the version that istiod reads
	Clock         Part = "clock"              // the API server's clock
	Given         Part = "mesh config"        // the configurations that there are, which may be none
	Whole         Part = "whole mesh"         // that nothing which exists is missing in the lists of objects
	Sole          Part = "other clusters"     // Whole, and that services and pods of no other cluster count
)

// Target is what the configuration is checked for.
type Target struct {
	Istio facts.Minor
	// Kubernetes is the full version of the API server or of the flag;
	// "" if not known.
	Kubernetes string
	// Platform is an ID of facts.Platforms; "" if not known, "generic" if
	// the cluster was looked at and is none of them.
	Platform string
	// Context is the kubeconfig context; "" offline.
	Context string
	// From is the Istio minor that runs today; zero where nothing does, or
	// where the part Running is not there.
	From facts.Minor
}

// Settings are what a configuration file can tell single rules.
type Settings struct {
	// SensitiveMetrics says that nobody may read applications' metrics in
	// plain text.
	SensitiveMetrics bool
	// TakeOwnership says that objects and fields of other owners may be taken
	// over.
	TakeOwnership bool
	// AllowedAnnotations are those that pods may have although they go around
	// what the mesh sets; one that ends with * stands for all that begin so.
	AllowedAnnotations []string
	// AllowedWriters are subjects of RBAC, as Kind/name, that may write Istio's
	// objects; one that ends with * stands for all that begin so.
	AllowedWriters []string
	// ManyServices is how many services a proxy may be told of without a
	// Sidecar; 0 for what is usual.
	ManyServices int
}

// AllowsAnnotation says whether pods may have an annotation or label.
func (s Settings) AllowsAnnotation(name string) bool {
	return listed(s.AllowedAnnotations, name)
}

// AllowsWriter says whether a subject may write Istio's objects.
func (s Settings) AllowsWriter(subject string) bool { return listed(s.AllowedWriters, subject) }

func listed(list []string, name string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		start, many := strings.CutSuffix(a, "*")
		return a == name || many && strings.HasPrefix(name, start)
	})
}

// Snapshot is one picture. The zero value holds nothing and every part is
// missing.
type Snapshot struct {
	// Now is the time of the picture; rules must not ask the clock.
	Now    time.Time
	Target Target
	// Cluster names the cluster in a report about several; "" where it is the
	// only one.
	Cluster string
	// Settings are what the user told single rules.
	Settings Settings
	// Files are the paths that were read.
	Files     []string
	Documents []*document.Document
	// Merged says that the configurations come from several files laid over
	// one another.
	Merged bool
	// Others counts documents that are no Istio installation and were left
	// alone.
	Others  int
	Configs []*Config
	// Rendered are the objects that would be installed.
	Rendered []Manifest
	// Renderings say the same for each configuration, where they were
	// rendered offline to be checked.
	Renderings []Rendering

	Access []AccessAnswer
	// UnknownKinds are rendered objects whose kind neither the server knows
	// nor the installation brings.
	UnknownKinds []Key
	// DryRuns hold an answer for every rendered object.
	DryRuns map[Key]DryRun
	// Leftovers are what an earlier installation of the same owner made and
	// this one does not render, in the order of deletion.
	Leftovers []*unstructured.Unstructured
	// Objects are lists of what is in the cluster.
	Objects
	// Identity is the control plane's.
	Identity ControlPlaneIdentity
	Clusters
	// Malformed are objects in files that cannot be read as their kind.
	Malformed []Malformed
	// Overlaid are the cluster's objects, by Kind/namespace/name, that objects of
	// files are laid over; nil where nothing is laid over a cluster.
	Overlaid map[string]Object
	// UnknownFields are fields of objects in files that their kind does not have.
	UnknownFields []UnknownField
	// RefusedValues are values in objects in files that their fields do not take.
	RefusedValues []RefusedValue
	// Replaced are the objects that the files hold several times and not always
	// the same, in the order of their names; the last one is in its list.
	Replaced []Twice
	// MeshConfigMap is the ConfigMap that a mesh config without a file comes
	// from, as Kind/namespace/name; "" for none.
	MeshConfigMap string
	// Origins say where the objects were read from, by Kind/namespace/name;
	// empty for those of a cluster.
	Origins map[string]Origin
	// Unserved are the CRDs that lack the version in which istiod reads them.
	Unserved []UnservedKind
	// AutoscaledBy names what adds nodes; "" where nothing is known to.
	AutoscaledBy string
	// PullSecrets are the Secrets that rendered pods name for pulling images.
	PullSecrets []PullSecret
	// Skew is how far the API server's clock is ahead of the local one, as far
	// as answers prove it: 0 where both may be the same.
	Skew time.Duration
	Istiods
	// Live are the rendered objects as the cluster holds them.
	Live map[Key]LiveObject
	// Existing are those of the rendered objects that are in the cluster, or
	// that may not be read; metadata only.
	Existing map[Key]ExistingObject
	Probes   []Probe
	// Records are what install recorded in the cluster.
	Records []Record
	// Touched are the objects of the kinds that changes are about between the
	// minor that runs and the one to be installed.
	Touched []*unstructured.Unstructured

	derived *derived
	parts   map[Part]string // "" where the part is there, else why it is not
}

// Provide records that a part was read completely.
func (s *Snapshot) Provide(p Part) { s.set(p, "") }

// Miss records that a part could not be read, and why. It wins over an
// earlier Provide.
func (s *Snapshot) Miss(p Part, reason string) { s.set(p, reason) }

// Forget drops parts, so that they are read anew.
func (s *Snapshot) Forget(parts []Part) {
	for _, p := range parts {
		delete(s.parts, p)
	}
}

func (s *Snapshot) set(p Part, reason string) {
	if s.parts == nil {
		s.parts = map[Part]string{}
	}
	s.derived = &derived{}
	s.parts[p] = reason
}

// Assume is the same snapshot for another target, with a part that is missing
// taken as known.
func (s *Snapshot) Assume(p Part, target Target) *Snapshot {
	out := *s
	out.Target, out.parts = target, maps.Clone(s.parts)
	out.Provide(p)
	return &out
}

// Has says whether a part is there; if not, reason says why.
func (s *Snapshot) Has(p Part) (ok bool, reason string) {
	why, known := s.parts[p]
	if !known {
		return false, string(p) + ": not read by this command"
	}
	return why == "", why
}

// Take shares parts that another picture of the same cluster holds already.
func (s *Snapshot) Take(from *Snapshot, parts []Part) {
	s.Objects, s.Istiods = from.Objects, from.Istiods
	for _, p := range parts {
		if why, known := from.parts[p]; known {
			s.set(p, why)
		}
	}
}
