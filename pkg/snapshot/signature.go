package snapshot

import (
	"cmp"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// String names the installation as files do.
func (w Owner) String() string {
	return "IstioOperator/" + w.Namespace + "/" + cmp.Or(w.Name, "installed-state") + " of revision " + cmp.Or(w.Revision, DefaultRevision)
}

// Signature is the owner that the labels of an object name. The charts write
// "unknown" where an installation has no name.
func Signature(o metav1.Object) Owner {
	labels := o.GetLabels()
	w := Owner{labels["install.operator.istio.io/owning-resource"], labels["install.operator.istio.io/owning-resource-namespace"], labels["istio.io/rev"]}
	if w.Name == "unknown" {
		w.Name = ""
	}
	if w.Revision == DefaultRevision {
		w.Revision = ""
	}
	return w
}

// Record is what install recorded of an installation in the cluster.
type Record struct {
	At    Key
	Owner Owner
	// State is applied, or what the run did that was cut off: applying,
	// removing.
	State   string
	Started time.Time
	// Inventory are the objects that were applied.
	Inventory []Key
	// Refused says why the record cannot be understood; "" if it can.
	Refused string
}
