package ingress

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func lostRoute() *rule.Rule {
	return &rule.Rule{
		ID: "GWY007", Name: "lost-route", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: routeParts(snapshot.KubernetesGateways, snapshot.ListenerSets, snapshot.Services, snapshot.Namespaces),
		Summary:     "A route or ListenerSet of the Gateway API names a Gateway or Service that is not there or does not take it.",
		Why:         "The Gateway leaves it out, or answers 500 to the requests that the route matches, or closes the connections.",
		Fix:         "Correct the names, ports and hostnames, or let the Gateway allow its namespace.",
		Equivalents: []string{"KIA1401", "KIA1402"},
		Run: func(p *rule.Pass) {
			x := newTargets(mesh.Of(p.Snapshot))
			whole, reason := p.Has(snapshot.Whole)
			say := func(o snapshot.Object, found problem) {
				switch {
				case found.text == "":
				case found.absent && !whole:
					p.Undecidedf("%s", reason)
				default:
					p.Reportf(snapshot.Place(o, found.path), "%s", found.text)
				}
			}
			all := mesh.Of(p.Snapshot).Routes()
			for _, r := range all {
				say(r, x.parent(r))
				say(r, x.backend(r))
			}
			for _, set := range p.ListenerSets {
				say(set, x.gatewayOf(set))
			}
			p.Lookedf("%s, each with Gateways and Services that take it", finding.Count(len(all), "route"))
		},
	}
}

// problem is what keeps a route from working.
type problem struct {
	path, text string
	// absent says that it is about something which nobody has seen.
	absent bool
}

// targets are what routes may name.
type targets struct {
	*mesh.Mesh
	gateways map[name]*gateway.Gateway
	sets     map[name]*gateway.ListenerSet
	services map[name]*corev1.Service
}

func newTargets(m *mesh.Mesh) targets {
	x := targets{m, map[name]*gateway.Gateway{}, map[name]*gateway.ListenerSet{}, map[name]*corev1.Service{}}
	for _, g := range m.KubernetesGateways {
		x.gateways[name{g.Namespace, g.Name}] = g
	}
	for _, l := range m.ListenerSets {
		x.sets[name{l.Namespace, l.Name}] = l
	}
	for _, s := range m.Services {
		x.services[name{s.Namespace, s.Name}] = s
	}
	return x
}

// parent finds the first Gateway, ListenerSet or Service that does not take a
// route.
func (x targets) parent(r *mesh.Route) problem {
	for i, ref := range r.Parents {
		path, to := fmt.Sprintf("spec.parentRefs[%d]", i), name{space(r, ref.Namespace), string(ref.Name)}
		switch kind := text(ref.Kind, "Gateway"); {
		case kind == "Service" && text(ref.Group, "x") == "" && x.services[to] == nil:
			return problem{path + ".name", fmt.Sprintf("there is no Service %s", to), true}
		case text(ref.Group, gateway.GroupName) != gateway.GroupName:
		case kind == "ListenerSet" && x.sets[to] == nil:
			return problem{path + ".name", fmt.Sprintf("there is no ListenerSet %s", to), true}
		case kind == "ListenerSet":
			if why := x.refuses(to.namespace, listenersIn(x.sets[to]), ref, r); why != "" {
				return problem{path, fmt.Sprintf("ListenerSet %s %s", to, why), false}
			}
		case kind != "Gateway":
		case x.gateways[to] == nil:
			return problem{path + ".name", fmt.Sprintf("there is no Gateway %s of the Gateway API", to), true}
		default:
			if why := x.refuses(to.namespace, x.gateways[to].Spec.Listeners, ref, r); why != "" {
				return problem{path, fmt.Sprintf("Gateway %s %s", to, why), false}
			}
		}
	}
	return problem{}
}

// refuses says why no listener of a namespace takes a route; "" if one does.
func (x targets) refuses(of string, listeners []gateway.Listener, ref gateway.ParentReference, r *mesh.Route) string {
	why := "has no listener"
	if ref.SectionName != nil {
		why += " " + string(*ref.SectionName)
	}
	if ref.Port != nil {
		why += fmt.Sprintf(" on port %d", *ref.Port)
	}
	for _, l := range listeners {
		if ref.SectionName != nil && *ref.SectionName != l.Name || ref.Port != nil && *ref.Port != l.Port {
			continue
		}
		switch {
		case !x.allows(of, l, r):
			why = fmt.Sprintf("lets no routes of namespace %s in; set allowedRoutes.namespaces of its listener", r.GetNamespace())
		case !takes(l, r.Kind):
			why = fmt.Sprintf("has no listener that takes %ss", r.Kind)
		case !meets(l, r.Hostnames):
			why = fmt.Sprintf("has listeners for other hostnames than %s only", r.Hostnames[0])
		default:
			return ""
		}
	}
	if len(listeners) == 0 {
		return "" // ListenerSets bring them
	}
	return why
}

// allows says whether a listener lets routes of a namespace in. Where that
// depends on labels which nobody has seen, it is believed to.
func (x targets) allows(of string, l gateway.Listener, r *mesh.Route) bool {
	from := gateway.NamespacesFromSame
	if l.AllowedRoutes != nil && l.AllowedRoutes.Namespaces != nil && l.AllowedRoutes.Namespaces.From != nil {
		from = *l.AllowedRoutes.Namespaces.From
	}
	switch from {
	case gateway.NamespacesFromSame:
		return of == r.GetNamespace()
	case gateway.NamespacesFromNone:
		return false
	case gateway.NamespacesFromSelector:
		ns := x.Space(r.GetNamespace())
		return ns == nil || selects(l.AllowedRoutes.Namespaces.Selector, ns)
	}
	return true
}

// takes says whether a listener takes routes of a kind.
func takes(l gateway.Listener, kind string) bool {
	if l.AllowedRoutes != nil && len(l.AllowedRoutes.Kinds) > 0 &&
		!slices.ContainsFunc(l.AllowedRoutes.Kinds, func(k gateway.RouteGroupKind) bool { return string(k.Kind) == kind }) {
		return false
	}
	switch l.Protocol {
	case gateway.HTTPProtocolType, gateway.HTTPSProtocolType:
		return kind == "HTTPRoute" || kind == "GRPCRoute"
	case gateway.TLSProtocolType:
		kept := l.TLS != nil && l.TLS.Mode != nil && *l.TLS.Mode == gateway.TLSModePassthrough
		return kind == "TLSRoute" || kind == "TCPRoute" && !kept
	case gateway.TCPProtocolType:
		return kind == "TCPRoute"
	}
	return l.Protocol != gateway.UDPProtocolType
}

// backend finds the first Service that a route cannot use.
func (x targets) backend(r *mesh.Route) problem {
	end := "requests get 500"
	if r.Closes() {
		end = "connections are closed"
	}
	for _, b := range r.Backends {
		if text(b.Kind, "Service") != "Service" || text(b.Group, "") != "" {
			continue
		}
		to := name{space(r, b.Namespace), string(b.Name)}
		service := x.services[to]
		switch {
		case service == nil:
			return problem{b.Path + ".name", fmt.Sprintf("there is no Service %s; %s", to, end), true}
		case b.Port == nil:
			return problem{b.Path, "a Service needs a port here", false}
		case !slices.ContainsFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == int32(*b.Port) }):
			return problem{b.Path + ".port", fmt.Sprintf("Service %s has no port %d; %s", to, *b.Port, end), false}
		}
	}
	return problem{}
}
