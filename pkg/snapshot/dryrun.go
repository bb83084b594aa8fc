package snapshot

import "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

// Verdict is what became of a dry run.
type Verdict string

// The verdicts.
const (
	Accepted   Verdict = "accepted"
	Refused    Verdict = "refused"      // by the API server or an admission webhook
	Forbidden  Verdict = "forbidden"    // the user may not write such an object
	NoSuchKind Verdict = "unknown kind" // neither the server nor the installation has it
	Early      Verdict = "early"        // its namespace, kind or role comes with the installation
	Unanswered Verdict = "unanswered"   // the API server gave no answer for now
)

// DryRun is the answer of the API server to applying one rendered object
// without keeping it, with its defaults, its validation and every admission
// webhook.
type DryRun struct {
	Verdict Verdict
	// Reason is what the API server said where it did not accept.
	Reason string
	// Live is the object in the cluster, with its managed fields; nil where
	// there is none.
	Live *unstructured.Unstructured
	// Sent is the object as it is to be sent: the manifest, with what istiod
	// writes left to it.
	Sent *unstructured.Unstructured
	// Fields are what would change in the live object.
	Fields []FieldChange
	// Doubt names the fields that differ from what was read back from a cluster,
	// and may have been installed so.
	Doubt string
	// Conflicts are the fields that other managers hold with other values.
	Conflicts []Conflict
	// Shared says that others hold fields with other values and are to lose
	// them: who scales a workload, or another tool of the same installer.
	Shared bool
	// Unmark says that Helm's marks are to go: their release is no more, or
	// the object is taken over from it.
	Unmark bool
}

// Conflict names the fields of an object that one manager holds, with other
// values than are to be written.
type Conflict struct {
	Manager string
	Fields  []string
}

// Manager is the name under which the fields of an object are owned, by how
// its configuration is installed.
func (m Manifest) Manager() string {
	if m.Config != nil && !m.Config.IsOperator() {
		return HelmManager
	}
	return OperatorManager
}

// Field managers of an installation.
const (
	OperatorManager = "istio-operator"
	HelmManager     = "helm"
)
