// Package uninstall removes an installation: exactly what belongs to it, in
// the reverse order of its installation, and says what it leaves and why.
package uninstall

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Installation says what is to be removed.
type Installation struct {
	Owner snapshot.Owner
	// Inventory are the objects that were applied; nil where nobody recorded
	// them: then its labels alone tell what belongs to it.
	Inventory []snapshot.Key
	// Along are the owners of other installations that go too.
	Along []snapshot.Owner
	// PurgeCRDs removes the definitions, and with them all mesh objects.
	PurgeCRDs bool
}

// goes says whether what belongs to an owner is to be removed.
func (i Installation) goes(w snapshot.Owner) bool { return w == i.Owner || slices.Contains(i.Along, w) }

// revision is the name of the revision in labels.
func (i Installation) revision() string {
	if i.Owner.Revision == "" {
		return snapshot.DefaultRevision
	}
	return i.Owner.Revision
}

// Object is one that goes.
type Object struct {
	Key       snapshot.Key
	Component string
	meta      *metav1.PartialObjectMetadata
}

// Gateway says whether traffic ends with the object.
func (o Object) Gateway() bool {
	return (o.Key.Kind == "Deployment" || o.Key.Kind == "DaemonSet") && strings.HasSuffix(o.Component, "Gateways")
}

// Left is an object of the installation that stays.
type Left struct {
	Key snapshot.Key
	Why string
}

// Removal is everything that an uninstallation does, in order.
type Removal struct {
	Objects []Object
	Left    []Left
	// Others are control planes that stay.
	Others []snapshot.Key
	// Users still need what is removed.
	Users []revision.Use
	// Tags point to the removed revision and stay; nothing answers them then.
	Tags []snapshot.Tag
	// Gone are tags that go too, because no control plane is left for them.
	Gone []snapshot.Tag
	// CRDs says how many definitions stay.
	CRDs int
	// Lost are the users' objects that go with the CRDs.
	Lost []revision.Use
}

// Empty says that nothing of the installation is there.
func (r *Removal) Empty() bool { return len(r.Objects) == 0 }

// Gateways lists those that are removed.
func (r *Removal) Gateways() []snapshot.Key {
	var out []snapshot.Key
	for _, o := range r.Objects {
		if o.Gateway() {
			out = append(out, o.Key)
		}
	}
	return out
}
