package traffic

import (
	"fmt"
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// reach is which traffic of sidecars a VirtualService takes: on which ports,
// and in which namespaces; spaces is nil for all.
type reach struct {
	keys   []protocolPort
	spaces []string
}

// protocolPort is a port of a protocol; 0 for every port.
type protocolPort struct {
	http bool
	port uint32
}

// conditions are what the matches of all protocols have.
type conditions interface {
	narrowing
	GetSourceLabels() map[string]string
}

// reachOf reads the matches, apart from those that choose single workloads, of
// which nobody knows whether they are the same. It is not sure of anything
// where there are no others.
func reachOf(v *mesh.VirtualService) (r reach, sure bool) {
	keys, sources, all := map[protocolPort]bool{}, map[string]bool{}, false
	for _, route := range v.Spec.GetHttp() {
		gather(true, route.GetMatch(), keys, sources, &all)
	}
	for _, route := range v.Spec.GetTcp() {
		gather(false, route.GetMatch(), keys, sources, &all)
	}
	for _, route := range v.Spec.GetTls() {
		gather(false, route.GetMatch(), keys, sources, &all)
	}
	for key := range keys {
		if !keys[protocolPort{http: key.http}] || key.port == 0 {
			r.keys = append(r.keys, key)
		}
	}
	switch {
	case all && v.Visible.All():
	case all:
		r.spaces = append([]string{}, v.Visible.Namespaces()...)
	default:
		r.spaces = []string{}
		for _, s := range slices.Sorted(maps.Keys(sources)) {
			if v.Visible.In(s) {
				r.spaces = append(r.spaces, s)
			}
		}
	}
	return r, len(r.keys) > 0
}

// gather takes the conditions of one rule that sidecars take.
func gather[T conditions](http bool, matches []T, keys map[protocolPort]bool, sources map[string]bool, all *bool) {
	if len(matches) == 0 {
		keys[protocolPort{http: http}], *all = true, true
	}
	for _, m := range matches {
		if g := m.GetGateways(); len(g) > 0 && !slices.Contains(g, mesh.MeshGateway) || len(m.GetSourceLabels()) > 0 {
			continue
		}
		keys[protocolPort{http, m.GetPort()}] = true
		if s := m.GetSourceNamespace(); s != "" {
			sources[s] = true
		} else {
			*all = true
		}
	}
}

// meets are the other keys under which the same traffic may be taken: every
// port and single ones.
func (r reach) meets(taken map[protocolPort]*claimed) []protocolPort {
	var out []protocolPort
	for _, key := range r.keys {
		if every := (protocolPort{http: key.http}); key.port != 0 && taken[every] != nil {
			out = append(out, every)
		}
		if key.port != 0 {
			continue
		}
		for other := range taken {
			if other.http == key.http && other.port != 0 {
				out = append(out, other)
			}
		}
	}
	return out
}

// hostPath is where the host with a number stands.
func hostPath(i int) string { return fmt.Sprintf("spec.hosts[%d]", i) }
