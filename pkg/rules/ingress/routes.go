package ingress

import (
	"fmt"

	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// route is a route of the Gateway API of any kind.
type route struct {
	snapshot.Object
	kind      string
	hostnames []gateway.Hostname
	parents   []gateway.ParentReference
	backends  []backend
}

// backend is where a route sends requests.
type backend struct {
	gateway.BackendObjectReference
	path string
}

// routeParts are what routes rests on.
func routeParts(more ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{snapshot.HTTPRoutes, snapshot.GRPCRoutes, snapshot.TLSRoutes, snapshot.TCPRoutes}, more...)
}

// closes says whether istiod answers what it cannot lead on by closing the
// connection, and not with a status.
func (r *route) closes() bool { return r.kind == "TLSRoute" || r.kind == "TCPRoute" }

// add takes a backend of a rule. What gets no share istiod does not look at.
func (r *route) add(rule, at int, b gateway.BackendRef) {
	if b.Weight == nil || *b.Weight != 0 {
		r.backends = append(r.backends, backend{b.BackendObjectReference, fmt.Sprintf("spec.rules[%d].backendRefs[%d]", rule, at)})
	}
}

func routes(s *snapshot.Snapshot) []route {
	var out []route
	for _, r := range s.HTTPRoutes {
		one := route{Object: r, kind: "HTTPRoute", hostnames: r.Spec.Hostnames, parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b.BackendRef)
			}
			for j, f := range rule.Filters {
				if f.RequestMirror != nil {
					one.backends = append(one.backends, backend{f.RequestMirror.BackendRef, fmt.Sprintf("spec.rules[%d].filters[%d].requestMirror.backendRef", i, j)})
				}
			}
		}
		out = append(out, one)
	}
	for _, r := range s.GRPCRoutes {
		one := route{Object: r, kind: "GRPCRoute", hostnames: r.Spec.Hostnames, parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b.BackendRef)
			}
		}
		out = append(out, one)
	}
	return append(out, streams(s)...)
}

// streams are the routes of connections.
func streams(s *snapshot.Snapshot) []route {
	var out []route
	for _, r := range s.TLSRoutes {
		one := route{Object: r, kind: "TLSRoute", hostnames: r.Spec.Hostnames, parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b)
			}
		}
		out = append(out, one)
	}
	for _, r := range s.TCPRoutes {
		one := route{Object: r, kind: "TCPRoute", parents: r.Spec.ParentRefs}
		for i, rule := range r.Spec.Rules {
			for j, b := range rule.BackendRefs {
				one.add(i, j, b)
			}
		}
		out = append(out, one)
	}
	return out
}

// space is the namespace that a reference of an object leads to.
func space(o snapshot.Object, to *gateway.Namespace) string {
	if to != nil && *to != "" {
		return string(*to)
	}
	return o.GetNamespace()
}

// text is what a pointer to a name leads to, or the default.
func text[T ~string](p *T, otherwise string) string {
	if p == nil {
		return otherwise
	}
	return string(*p)
}

// name is a namespaced name.
type name struct{ namespace, name string }

func (n name) String() string { return n.namespace + "/" + n.name }
