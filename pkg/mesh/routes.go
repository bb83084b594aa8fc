package mesh

import (
	"fmt"

	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Route is a route of the Gateway API of any kind.
type Route struct {
	snapshot.Object
	Kind      string
	Hostnames []gateway.Hostname
	Parents   []gateway.ParentReference
	Backends  []Backend
}

// Backend is where a route sends requests.
type Backend struct {
	gateway.BackendObjectReference
	Path string
}

// RouteParts are what Routes rests on.
func RouteParts() []snapshot.Part {
	return []snapshot.Part{snapshot.HTTPRoutes, snapshot.GRPCRoutes, snapshot.TLSRoutes, snapshot.TCPRoutes}
}

// Closes says whether istiod answers what it cannot lead on by closing the
// connection, and not with a status.
func (r *Route) Closes() bool { return r.Kind == "TLSRoute" || r.Kind == "TCPRoute" }

// add takes a backend of a rule. What gets no share istiod does not look at.
func (r *Route) add(rule, at int, b gateway.BackendRef) {
	if b.Weight == nil || *b.Weight != 0 {
		r.Backends = append(r.Backends, Backend{b.BackendObjectReference, fmt.Sprintf("spec.rules[%d].backendRefs[%d]", rule, at)})
	}
}

// apiRoutes are the routes of the Gateway API.
type apiRoutes []*Route

// Routes lists the routes of the Gateway API of every kind.
func (m *Mesh) Routes() []*Route {
	return snapshot.Derived(m.Snapshot, func(s *snapshot.Snapshot) apiRoutes {
		return append(requests(s), streams(s)...)
	})
}

// requests are the routes that know HTTP.
func requests(s *snapshot.Snapshot) (out apiRoutes) {
	for _, r := range s.HTTPRoutes {
		one := &Route{Object: r, Kind: "HTTPRoute", Hostnames: r.Spec.Hostnames, Parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b.BackendRef)
			}
			for j, f := range rule.Filters {
				if f.RequestMirror != nil {
					one.Backends = append(one.Backends, Backend{f.RequestMirror.BackendRef, fmt.Sprintf("spec.rules[%d].filters[%d].requestMirror.backendRef", i, j)})
				}
			}
		}
		out = append(out, one)
	}
	for _, r := range s.GRPCRoutes {
		one := &Route{Object: r, Kind: "GRPCRoute", Hostnames: r.Spec.Hostnames, Parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b.BackendRef)
			}
		}
		out = append(out, one)
	}
	return out
}

// streams are the routes of connections.
func streams(s *snapshot.Snapshot) (out apiRoutes) {
	for _, r := range s.TLSRoutes {
		one := &Route{Object: r, Kind: "TLSRoute", Hostnames: r.Spec.Hostnames, Parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b)
			}
		}
		out = append(out, one)
	}
	for _, r := range s.TCPRoutes {
		one := &Route{Object: r, Kind: "TCPRoute", Parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b)
			}
		}
		out = append(out, one)
	}
	return out
}
