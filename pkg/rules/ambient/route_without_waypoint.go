package ambient

import (
	"fmt"
	"slices"
	"strings"

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
		Equivalents: []string{"KIA0210", "KIA0211", "KIA0212", "KIA1109", "KIA1113", "KIA1114"},
		Run: func(p *rule.Pass) {
			r := reader{p, mesh.Of(p.Snapshot)}
			if sidecars(r.Mesh) {
				p.Lookedf("sidecars read routes too")
				return
			}
			for _, v := range p.VirtualServices {
				if len(v.Spec.GetGateways()) == 0 || slices.Contains(v.Spec.GetGateways(), "mesh") {
					r.route(v, "spec.hosts", v.Spec.GetHosts(), "VirtualServices")
				}
			}
			r.unknown()
			r.rules()
			for _, o := range r.Routes() {
				r.parents(o.Object, o.Parents)
			}
			n := len(p.VirtualServices) + len(p.DestinationRules) + len(r.Routes())
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

// unknown reports VirtualServices for hosts of no service, which sidecars would
// route all the same.
func (r reader) unknown() {
	if !slices.ContainsFunc(r.Workloads(), func(w *mesh.Workload) bool { return r.InAmbient(w) == mesh.Yes }) {
		return
	}
	for _, v := range r.Pass.VirtualServices {
		elsewhere := slices.ContainsFunc(v.Spec.GetGateways(), func(g string) bool { return g != "mesh" })
		hosts := v.Spec.GetHosts()
		if elsewhere || len(hosts) == 0 || slices.ContainsFunc(hosts, func(host string) bool { return strings.Contains(host, "*") || r.serviceOf(host, v.Namespace) }) {
			continue
		}
		r.unread(snapshot.Place(v, "spec.hosts"), "no service has host %s, and without sidecars only waypoints read VirtualServices, for services: nobody reads this; correct the host or add a ServiceEntry", hosts[0])
	}
}

func (r reader) serviceOf(host, namespace string) bool {
	full := r.FQDN(host, namespace)
	return len(r.ServicesOf(full)) > 0 || r.Sees(full, namespace) != nil
}

// rules reports DestinationRules. Gateways read them too: those of services
// wherever they run, others only in their own namespace.
func (r reader) rules() {
	spaces := map[string]bool{}
	for _, e := range r.Edges() {
		if e.Class == mesh.EdgeClass {
			spaces[e.Namespace] = true
		}
	}
	for _, d := range r.Pass.DestinationRules {
		own := r.ServicesOf(r.FQDN(d.Spec.GetHost(), d.Namespace))
		far := d.Namespace != r.Root && !slices.ContainsFunc(own, func(s *mesh.Service) bool { return s.Namespace == d.Namespace })
		switch {
		case far && !spaces[d.Namespace] && !spaces[""]:
			r.route(d, "spec.host", []string{d.Spec.GetHost()}, "DestinationRules")
		case len(spaces) == 0:
			r.route(d, "spec.host", []string{d.Spec.GetHost()}, "")
		}
	}
}

// route reports an object for hosts that no waypoint serves, or whose waypoint
// does not look at its namespace for near.
func (r reader) route(o snapshot.Object, path string, hosts []string, near string) {
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
			case asked == mesh.Yes && near != "" && o.GetNamespace() != s.Namespace && o.GetNamespace() != w.Namespace:
				r.unread(snapshot.Place(o, path), "the waypoint of %s reads %s of namespace %s and its own only; move this there", s.Host, near, s.Namespace)
				return
			}
		}
	}
}

// unread reports what nobody reads, if all that might have a sidecar is seen.
func (r reader) unread(at finding.Location, format string, args ...any) {
	if whole, reason := r.Pass.Has(snapshot.Sole); !whole {
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
		r.route(o, fmt.Sprintf("spec.parentRefs[%d]", i), []string{string(ref.Name) + "." + namespace + ".svc." + r.Domain}, "")
	}
}
