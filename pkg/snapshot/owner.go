package snapshot

import "cmp"

// Owner is how an installation signs its objects. Two IstioOperators of one
// namespace and revision, such as a control plane's and its gateways', differ
// by name only.
type Owner struct{ Name, Namespace, Revision string }

// OwnerOf is the owner of what an IstioOperator installs.
func OwnerOf(c *Config) Owner {
	return Owner{Name: c.Root.Str("metadata", "name"), Namespace: c.Namespace(), Revision: c.Revision()}
}

// Owns says whether a labelled object belongs to this installation. The charts
// sign objects of an installation without a name as "unknown".
func (w Owner) Owns(o Object) bool {
	name := o.GetLabels()["install.operator.istio.io/owning-resource"]
	if w.Name == "" {
		return name == "" || name == "unknown"
	}
	return name == w.Name
}

// Selector finds the objects of all owners of the namespace and revision.
func (w Owner) Selector() string {
	return "operator.istio.io/component,operator.istio.io/managed=Reconcile" +
		",istio.io/rev=" + cmp.Or(w.Revision, "default") +
		",install.operator.istio.io/owning-resource-namespace=" + w.Namespace
}
