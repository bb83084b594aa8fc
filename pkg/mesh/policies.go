package mesh

import (
	"cmp"
	"slices"

	selection "istio.io/api/type/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Authorization is one AuthorizationPolicy that counts: not one that is only
// tried.
type Authorization = security.AuthorizationPolicy

// authorizations are indexed by what they are attached to.
type authorizations struct {
	selecting Selecting[*Authorization]
	anywhere  Selecting[*Authorization]      // whatever their namespace
	targeted  map[[3]string][]*Authorization // by namespace, kind and name
}

// Targets are what a policy names instead of selecting pods.
func Targets(policy interface {
	GetTargetRef() *selection.PolicyTargetReference
	GetTargetRefs() []*selection.PolicyTargetReference
}) []*selection.PolicyTargetReference {
	if refs := policy.GetTargetRefs(); len(refs) > 0 || policy.GetTargetRef() == nil {
		return refs
	}
	return []*selection.PolicyTargetReference{policy.GetTargetRef()}
}

func (m *Mesh) authorizations() *authorizations {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *authorizations {
		x := &authorizations{targeted: map[[3]string][]*Authorization{}}
		for _, p := range m.AuthorizationPolicies {
			if p.Annotations["istio.io/dry-run"] != "true" {
				x.add(p)
			}
		}
		return x
	})
}

func (x *authorizations) add(p *Authorization) {
	if refs := Targets(&p.Spec); len(refs) > 0 {
		for _, ref := range refs {
			key := [3]string{p.Namespace, ref.GetKind(), ref.GetName()}
			x.targeted[key] = append(x.targeted[key], p)
		}
		return
	}
	wanted := p.Spec.GetSelector().GetMatchLabels()
	x.selecting.Add(p.Namespace, wanted, p)
	x.anywhere.Add("", wanted, p)
}

// PoliciesOn are the AuthorizationPolicies that hold for a gateway.
func (m *Mesh) PoliciesOn(e *Edge) []*Authorization {
	out := m.PoliciesFor(e)
	if e.Class != WaypointClass {
		for _, space := range slices.Compact([]string{m.Root, e.Namespace}) {
			out = append(out, m.PlainPolicies(space)...)
		}
	}
	slices.SortFunc(out, byName)
	return out
}

// PlainPolicies are those for all workloads of a namespace, or of the mesh where
// it is the root namespace.
func (m *Mesh) PlainPolicies(namespace string) []*Authorization {
	return m.authorizations().selecting.Plain(namespace)
}

// PoliciesFor are those that name or select a gateway, as istiod attaches them:
// those that name it, and but for waypoints those that select it, of its
// namespace and the root namespace. Of gateways whose namespace nobody knows,
// policies anywhere that select the labels are taken for theirs.
func (m *Mesh) PoliciesFor(e *Edge) []*Authorization {
	x := m.authorizations()
	var out []*Authorization
	if name := e.Labels[GatewayNameLabel]; name != "" {
		out = append(out, x.targeted[[3]string{e.Namespace, "Gateway", name}]...)
	}
	if e.Class == WaypointClass {
		return append(out, x.targeted[[3]string{m.Root, "GatewayClass", "istio-waypoint"}]...)
	}
	for _, space := range slices.Compact([]string{m.Root, e.Namespace}) {
		out = append(out, x.selecting.By(space, e.Labels)...)
	}
	if e.Namespace == "" {
		out = append(out, x.anywhere.By("", e.Labels)...)
	}
	slices.SortFunc(out, byName)
	return slices.Compact(out)
}

func byName(a, b *Authorization) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
