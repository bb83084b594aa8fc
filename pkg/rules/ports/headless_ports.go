package ports

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func headlessPorts() *rule.Rule {
	return &rule.Rule{
		ID: "SVC001", Name: "headless-ports", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services},
		Summary: "Headless Services that somebody sees both use the same port, one for HTTP and one for something else.",
		Why:     "HTTP ones share a listener for all addresses of that port; what goes to a pod of the other that istiod does not list, such as one not ready yet, is taken by it.",
		Fix:     "Give them different ports, or declare the same protocol; where they carry the same it only matters for pods that istiod does not list, which is told as info.",
		Hints:   []string{"S12"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			shared, looked := map[int]*sharers{}, 0
			for _, s := range m.Registry() {
				if s.Kubernetes == nil || s.Kubernetes.Spec.ClusterIP != corev1.ClusterIPNone || !ours(s.Kubernetes) {
					continue
				}
				looked++
				for i, port := range s.Kubernetes.Spec.Ports {
					if port.Protocol == corev1.ProtocolUDP || port.Protocol == corev1.ProtocolSCTP {
						continue
					}
					if shared[int(port.Port)] == nil {
						shared[int(port.Port)] = &sharers{}
					}
					shared[int(port.Port)].add(s, i)
				}
			}
			for number, all := range shared {
				all.report(p, number)
			}
			p.Lookedf("%s", finding.Count(looked, "headless Service"))
		},
	}
}

// sharers are the headless Services with one port: those of HTTP, and others,
// for which istiod makes a listener for each pod.
type sharers struct {
	http, others []*mesh.Service
	ports        []int // of others: where in their lists the port is
}

func (h *sharers) add(s *mesh.Service, port int) {
	if declared(s.Kubernetes.Spec.Ports[port]).IsHTTP() {
		h.http = append(h.http, s)
		return
	}
	h.others, h.ports = append(h.others, s), append(h.ports, port)
}

// report reports the Services that are not HTTP: a warning where one of HTTP is
// seen by the same namespaces, and else one info for all of them.
func (h *sharers) report(p *rule.Pass, number int) {
	http := newAudience(h.http)
	var alike []int
	for i, s := range h.others {
		place := snapshot.Place(s.Kubernetes, fmt.Sprintf("spec.ports[%d].port", h.ports[i]))
		if other := http.meets(s); other != nil {
			p.Reportf(place, "headless Service %s/%s has port %d for HTTP, this one for something else, and both are seen by the same namespaces; use another port or declare the same protocol",
				other.Namespace, other.Kubernetes.Name, number)
			continue
		}
		if s.Visible.All() {
			alike = append(alike, i)
		}
	}
	if len(alike) < 2 {
		return
	}
	slices.SortFunc(alike, func(a, b int) int { return cmp.Compare(h.others[a].Host, h.others[b].Host) })
	var names []string
	for _, i := range alike[1:] {
		names = append(names, h.others[i].Namespace+"/"+h.others[i].Kubernetes.Name)
	}
	first := alike[0]
	f := p.Reportf(snapshot.Place(h.others[first].Kubernetes, fmt.Sprintf("spec.ports[%d].port", h.ports[first])),
		"port %d is that of other headless Services too: %s; istiod keeps them apart by the addresses of their pods", number, rule.First(names))
	f.Severity = finding.Info
}

// audience finds one of several Services that is seen where another is.
type audience struct {
	all, some *mesh.Service
	in        map[string]*mesh.Service
}

func newAudience(list []*mesh.Service) audience {
	a := audience{in: map[string]*mesh.Service{}}
	for _, s := range list {
		if s.Visible.All() {
			a.all = s
		}
		for _, namespace := range s.Visible.Namespaces() {
			a.in[namespace], a.some = s, s
		}
	}
	return a
}

// meets is a Service that some namespace sees together with s; nil if none is.
func (a audience) meets(s *mesh.Service) *mesh.Service {
	if s.Visible.All() {
		return cmp.Or(a.all, a.some)
	}
	for _, namespace := range s.Visible.Namespaces() {
		if other := cmp.Or(a.all, a.in[namespace]); other != nil {
			return other
		}
	}
	return nil
}
