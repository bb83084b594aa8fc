package ambient

import (
	"fmt"
	"slices"

	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func routeWithoutWaypoint() *rule.Rule {
	return &rule.Rule{
		ID: "AMB003", Name: "route-without-waypoint", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: append(mesh.EdgeParts(), snapshot.Namespaces, snapshot.ServiceEntries, snapshot.VirtualServices, snapshot.DestinationRules, snapshot.HTTPRoutes, snapshot.GRPCRoutes, snapshot.TLSRoutes, snapshot.TCPRoutes),
		Summary:     "A VirtualService, DestinationRule or route is for a service in ambient mode that no waypoint serves.",
		Why:         "ztunnel routes by addresses alone; without a sidecar or waypoint nobody on the way reads it, and it has no effect.",
		Fix:         "Give the service or its namespace a waypoint, and keep the VirtualService in the namespace of one of the two.",
		Equivalents: []string{"KIA0210", "KIA0211", "KIA1109", "KIA1113", "KIA1114"},
		Run: func(p *rule.Pass) {
			r := reader{p, mesh.Of(p.Snapshot)}
			if sidecars(r.Mesh) {
				p.Lookedf("sidecars read routes too")
				return
			}
			for _, v := range p.VirtualServices {
				if inMesh := len(v.Spec.GetGateways()) == 0 || slices.Contains(v.Spec.GetGateways(), "mesh"); inMesh && len(v.Spec.GetHttp()) > 0 {
					r.route(v, "spec.hosts", v.Spec.GetHosts(), true)
				}
			}
			if !slices.ContainsFunc(r.Edges(), func(e *mesh.Edge) bool { return e.Class == mesh.EdgeClass }) {
				for _, d := range p.DestinationRules { // gateways read them too
					r.route(d, "spec.host", []string{d.Spec.GetHost()}, false)
				}
			}
			for _, h := range p.HTTPRoutes {
				r.parents(h, h.Spec.ParentRefs)
			}
			for _, g := range p.GRPCRoutes {
				r.parents(g, g.Spec.ParentRefs)
			}
			for _, t := range p.TLSRoutes {
				r.parents(t, t.Spec.ParentRefs)
			}
			for _, t := range p.TCPRoutes {
				r.parents(t, t.Spec.ParentRefs)
			}
			n := len(p.VirtualServices) + len(p.DestinationRules) + len(p.HTTPRoutes) + len(p.GRPCRoutes) + len(p.TLSRoutes) + len(p.TCPRoutes)
			p.Lookedf("%s, none that nobody on the way reads", finding.Count(n, "route"))
		},
	}
}

// sidecars says whether any pods have one.
func sidecars(m *mesh.Mesh) bool {
	return slices.ContainsFunc(m.Workloads(), func(w *mesh.Workload) bool { return m.HasSidecar(w) == mesh.Yes && !m.IsEdge(w) })
}

// reader asks who reads a route.
type reader struct {
	*rule.Pass
	*mesh.Mesh
}

// route reports an object for hosts that no waypoint serves, or whose waypoint
// does not look at its namespace.
func (r reader) route(o snapshot.Object, path string, hosts []string, near bool) {
	for _, host := range hosts {
		for _, s := range r.ServicesOf(r.FQDN(host, o.GetNamespace())) {
			if s.Kubernetes == nil || r.ServiceInAmbient(s) != mesh.Yes {
				continue
			}
			w, asked := r.WaypointOf(s.Kubernetes.Labels, s.Namespace)
			switch {
			case asked == mesh.No:
				r.unread(snapshot.Place(o, path), "%s is in ambient mode and has no waypoint, so that nobody reads this; label the Service or namespace istio.io/use-waypoint", s.Host)
				return
			case asked == mesh.Yes && near && o.GetNamespace() != s.Namespace && o.GetNamespace() != w.Namespace:
				r.unread(snapshot.Place(o, path), "the waypoint of %s reads VirtualServices of namespace %s and its own only; move this there", s.Host, s.Namespace)
				return
			}
		}
	}
}

// unread reports what nobody reads, if all that might have a sidecar is seen.
func (r reader) unread(at finding.Location, format string, args ...any) {
	if whole, reason := r.Pass.Has(snapshot.Whole); !whole {
		r.Undecidedf("%s", reason)
		return
	}
	r.Reportf(at, format, args...)
}

// parents does the same for routes that name Services.
func (r reader) parents(o snapshot.Object, refs []gateway.ParentReference) {
	for i, ref := range refs {
		if ref.Kind == nil || *ref.Kind != "Service" {
			continue
		}
		namespace := o.GetNamespace()
		if ref.Namespace != nil {
			namespace = string(*ref.Namespace)
		}
		r.route(o, fmt.Sprintf("spec.parentRefs[%d]", i), []string{string(ref.Name) + "." + namespace + ".svc." + r.Domain}, false)
	}
}
