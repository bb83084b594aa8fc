package traffic

import (
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// leg is one place that a VirtualService sends requests or connections to.
type leg struct {
	to *api.Destination
	// place says where it stands, with the numbers of the rule and the
	// destination.
	place       string
	rule, count int
	http        bool
	// gateways, sources and ports are what the matches of the rule narrow it to;
	// nil where they do not.
	gateways, sources []string
	ports             []int
}

// path leads to the destination.
func (l leg) path() string {
	if strings.Count(l.place, "%d") == 1 {
		return fmt.Sprintf(l.place, l.rule)
	}
	return fmt.Sprintf(l.place, l.rule, l.count)
}

// route is a VirtualService with its destinations.
type route struct {
	*mesh.VirtualService
	legs []leg
}

// routes are all, read once for all rules.
func routes(m *mesh.Mesh) []route {
	all := m.Routing() // is made of the snapshot too
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) []route {
		var out []route
		for _, v := range all {
			out = append(out, route{v, legs(v)})
		}
		return out
	})
}

// legs lists the destinations of a VirtualService, mirrors included.
func legs(v *mesh.VirtualService) []leg {
	var out []leg
	add := func(to *api.Destination, one leg, place string, i, j int) {
		if to.GetHost() != "" {
			one.to, one.place, one.rule, one.count = to, place, i, j
			out = append(out, one)
		}
	}
	for i, r := range v.Spec.GetHttp() {
		one := narrowed(v.Namespace, r.GetMatch())
		one.http = true
		for j, d := range r.GetRoute() {
			add(d.GetDestination(), one, "spec.http[%d].route[%d].destination", i, j)
		}
		add(r.GetMirror(), one, "spec.http[%d].mirror", i, 0)
		for j, d := range r.GetMirrors() {
			add(d.GetDestination(), one, "spec.http[%d].mirrors[%d].destination", i, j)
		}
	}
	for i, r := range v.Spec.GetTcp() {
		one := narrowed(v.Namespace, r.GetMatch())
		for j, d := range r.GetRoute() {
			add(d.GetDestination(), one, "spec.tcp[%d].route[%d].destination", i, j)
		}
	}
	for i, r := range v.Spec.GetTls() {
		one := narrowed(v.Namespace, r.GetMatch())
		for j, d := range r.GetRoute() {
			add(d.GetDestination(), one, "spec.tls[%d].route[%d].destination", i, j)
		}
	}
	return out
}

// narrowing is what the matches of all protocols have.
type narrowing interface {
	GetGateways() []string
	GetSourceNamespace() string
	GetPort() uint32
}

// narrowed is what all matches of a rule together narrow it to: one without a
// condition lets everybody in.
func narrowed[T narrowing](namespace string, matches []T) leg {
	var gateways, sources []string
	var ports []int
	everyGateway, everySource, everyPort := len(matches) == 0, len(matches) == 0, len(matches) == 0
	for _, m := range matches {
		if g := m.GetGateways(); len(g) > 0 {
			gateways = append(gateways, mesh.GatewayNames(g, namespace)...)
		} else {
			everyGateway = true
		}
		if s := m.GetSourceNamespace(); s != "" {
			sources = append(sources, s)
		} else {
			everySource = true
		}
		if port := m.GetPort(); port != 0 {
			ports = append(ports, int(port))
		} else {
			everyPort = true
		}
	}
	if everyPort {
		ports = nil
	}
	if everyGateway {
		gateways = nil
	}
	if everySource {
		sources = nil
	}
	return leg{gateways: gateways, sources: sources, ports: ports}
}

// takes says whether a rule holds for a gateway.
func (l leg) takes(gateway string) bool {
	return l.gateways == nil || slices.Contains(l.gateways, gateway)
}
