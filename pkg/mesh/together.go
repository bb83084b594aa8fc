package mesh

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// set is the Gateways that the same selectors bring to a gateway. Many pods may
// have one: thousands of Gateways that each select thousands of pods are still
// one list.
type set struct {
	gateways []*networking.Gateway
	// asks says that a server takes certificates of clients, passes that one
	// hands connections of other networks on.
	asks, passes bool
}

func newSet(all []*selected) *set {
	s := &set{}
	for _, one := range all {
		s.gateways = append(s.gateways, one.gateways...)
	}
	for _, g := range s.gateways {
		s.asks = s.asks || slices.ContainsFunc(g.Spec.GetServers(), asks)
		s.passes = s.passes || slices.ContainsFunc(g.Spec.GetServers(), passes)
	}
	return s
}

// gather gives every gateway the Gateways whose selectors took it.
func (x *edges) gather(chosen map[*Edge][]*selected) {
	known := map[string]*set{}
	for e, all := range chosen {
		key := pointers(all)
		if known[key] == nil {
			known[key] = newSet(all)
		}
		e.set, e.Gateways = known[key], known[key].gateways
	}
}

// alike is what most rules judge a gateway by.
type alike struct {
	namespace  string
	set        *set
	kubernetes *gateway.Gateway
	services   string
	workload   *Workload // where names of its ports mean something
}

// Different lists one gateway of those with the same Gateways and Services in
// one namespace, of which the same is to be said.
func (m *Mesh) Different() []*Edge { return m.edges().different }

func different(all []*Edge) []*Edge {
	var out []*Edge
	known := map[alike]bool{}
	for _, e := range all {
		key := alike{e.Namespace, e.set, e.Kubernetes, pointers(e.Services), nil}
		if slices.ContainsFunc(e.Services, namesPorts) {
			key.workload = e.Workload
		}
		if !known[key] {
			known[key] = true
			out = append(out, e)
		}
	}
	return out
}

func namesPorts(s *corev1.Service) bool {
	return slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.TargetPort.StrVal != "" })
}

func pointers[T any](all []*T) string {
	var key strings.Builder
	for _, one := range all {
		fmt.Fprintf(&key, "%p ", one)
	}
	return key.String()
}
