package mesh

import (
	networking "istio.io/client-go/pkg/apis/networking/v1"
)

// OfVirtualService says to whom a VirtualService is exported.
func (m *Mesh) OfVirtualService(vs *networking.VirtualService) Visibility {
	return visibility(vs.Spec.GetExportTo(), m.Config.GetDefaultVirtualServiceExportTo(), vs.Namespace)
}

// OfDestinationRule says to whom a DestinationRule is exported.
func (m *Mesh) OfDestinationRule(dr *networking.DestinationRule) Visibility {
	return visibility(dr.Spec.GetExportTo(), m.Config.GetDefaultDestinationRuleExportTo(), dr.Namespace)
}

// OfServiceEntry says to whom a ServiceEntry is exported.
func (m *Mesh) OfServiceEntry(e *networking.ServiceEntry) Visibility {
	return visibility(e.Spec.GetExportTo(), m.Config.GetDefaultServiceExportTo(), e.Namespace)
}

// None says whether nobody sees the object.
func (v Visibility) None() bool { return !v.all && len(v.spaces) == 0 }

// Audience finds, among things that are exported here and there, one that is
// seen where another one is, in time that does not grow with the number of
// things. The one that was added first is found.
type Audience[T any] struct {
	first, public *T
	spaces        map[string]T
}

// Add takes a thing into the audience.
func (a *Audience[T]) Add(v Visibility, thing T) {
	if v.None() {
		return
	}
	if a.first == nil {
		a.first = &thing
	}
	if v.all && a.public == nil {
		a.public = &thing
	}
	for _, space := range v.spaces {
		if a.spaces == nil {
			a.spaces = map[string]T{}
		}
		if _, ok := a.spaces[space]; !ok {
			a.spaces[space] = thing
		}
	}
}

// Meets finds a thing that some namespace sees together with what is exported
// as given.
func (a *Audience[T]) Meets(v Visibility) (thing T, ok bool) {
	switch {
	case v.all && a.first != nil:
		return *a.first, true
	case !v.None() && a.public != nil:
		return *a.public, true
	}
	for _, space := range v.spaces {
		if thing, ok = a.spaces[space]; ok {
			return thing, true
		}
	}
	return thing, false
}
