package workloads

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"istio.io/istio/pkg/config/kube"
	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalServices() *rule.Rule {
	return &rule.Rule{
		ID: "APP004", Name: "several-services", Category: requirements, Severity: finding.Warning,
		Stages: analyze(), Needs: pods(snapshot.Services),
		Summary: "Several Services select the same pods and say different protocols for the same port of them.",
		Why:     "The sidecar can treat a port in one way only: istiod takes what the oldest Service says. With the same protocol but other numbers only metrics are hit, which is told as info.",
		Fix:     "Declare the same protocol in all of them, or give each a port of its own.",
		Hints:   []string{"S9"}, Equivalents: []string{"IST0116", "IST0137"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			by := selected(m).by
			looked, clean := 0, map[string]bool{} // sets of Services that go together
			for _, w := range applications(m) {
				if len(by[w]) < 2 || m.InAmbient(w) == mesh.Yes || !maybe(m, w) {
					continue
				}
				looked++
				if key := alikeKey(by[w]); !clean[key] || key == "" {
					clean[key] = !reportClash(p, w, by[w])
				}
			}
			p.Lookedf("%s of several Services", finding.Count(looked, "workload"))
		},
	}
}

// selections say which Services select which workloads.
type selections struct {
	// of are the workloads of each Service, by those of a workload, the oldest
	// first.
	of map[*corev1.Service][]*mesh.Workload
	by map[*mesh.Workload][]*corev1.Service
}

func selected(m *mesh.Mesh) selections {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) selections {
		out := selections{make(map[*corev1.Service][]*mesh.Workload, len(m.Services)), make(map[*mesh.Workload][]*corev1.Service, len(m.Workloads()))}
		for _, s := range slices.SortedFunc(slices.Values(m.Services), mesh.Older) {
			if len(s.Spec.Selector) == 0 || s.Spec.Type == corev1.ServiceTypeExternalName {
				continue
			}
			out.of[s] = m.Select(s.Namespace, s.Spec.Selector)
			for _, w := range out.of[s] {
				out.by[w] = append(out.by[w], s)
			}
		}
		return out
	})
}

// landing is a port of a Service with the port of the pods that it leads to.
type landing struct {
	service  *corev1.Service
	number   int32
	target   string
	protocol protocol.Instance
}

func (l landing) String() string {
	proto := string(l.protocol)
	if l.protocol.IsUnsupported() {
		proto = "no protocol"
	}
	return fmt.Sprintf("%s (port %d, %s)", l.service.Name, l.number, proto)
}

// alikeKey is the same for pods of the same Services, as far as these say all
// by numbers; else it is "".
func alikeKey(services []*corev1.Service) string {
	var key strings.Builder
	for _, s := range services {
		for _, port := range s.Spec.Ports {
			if port.TargetPort.StrVal != "" {
				return ""
			}
		}
		key.WriteString(s.Name + " ")
	}
	return services[0].Namespace + "/" + key.String()
}

// reportClash reports the worst in which the Services of a workload differ: the
// protocol of a port of the pods, that of a port number, or the numbers that
// lead to a port of the pods.
func reportClash(p *rule.Pass, w *mesh.Workload, services []*corev1.Service) (found bool) {
	byTarget, byNumber := map[string]landing{}, map[int32]landing{}
	var clash, reused, renumbered [2]landing
	for _, l := range landings(w, services) {
		first, ok := byTarget[l.target]
		switch {
		case !ok:
			byTarget[l.target] = l
		case first.service == l.service:
		case first.protocol != l.protocol:
			clash = cmp.Or(clash, [2]landing{first, l})
		case first.number != l.number:
			renumbered = cmp.Or(renumbered, [2]landing{first, l})
		}
		other, ok := byNumber[l.number]
		switch {
		case !ok:
			byNumber[l.number] = l
		case other.service != l.service && other.protocol != l.protocol:
			reused = cmp.Or(reused, [2]landing{other, l})
		}
	}
	at := w.At("metadata.labels")
	switch none := [2]landing{}; {
	case clash != none:
		p.Reportf(at, "Services %s and %s lead to port %s of %s with different protocols, and istiod takes that of the older one; declare the same", clash[0], clash[1], clash[1].target, w)
	case reused != none:
		f := p.Reportf(at, "Services %s and %s of %s have the same port number for different protocols; use another number", reused[0], reused[1], w)
		f.Severity = finding.Info
	case renumbered != none:
		f := p.Reportf(at, "Services %s and %s lead to port %s of %s; inbound metrics name the older one only", renumbered[0], renumbered[1], renumbered[1].target, w)
		f.Severity = finding.Info
	default:
		return false
	}
	return true
}

// landings are the TCP ports of Services.
func landings(w *mesh.Workload, services []*corev1.Service) []landing {
	var out []landing
	for _, s := range services {
		for _, port := range s.Spec.Ports {
			if port.Protocol != corev1.ProtocolUDP && port.Protocol != corev1.ProtocolSCTP {
				out = append(out, landing{s, port.Port, target(w, port), kube.ConvertProtocol(port.Port, port.Name, corev1.ProtocolTCP, port.AppProtocol)})
			}
		}
	}
	return out
}

// target is the port of a workload's pods that a Service's port leads to: its
// number, or its name where no container has that.
func target(w *mesh.Workload, port corev1.ServicePort) string {
	switch name := port.TargetPort.StrVal; {
	case name != "":
		for i := range w.Spec.Containers {
			for _, own := range w.Spec.Containers[i].Ports {
				if own.Name == name {
					return strconv.Itoa(int(own.ContainerPort))
				}
			}
		}
		return name
	case port.TargetPort.IntVal != 0:
		return strconv.Itoa(int(port.TargetPort.IntVal))
	}
	return strconv.Itoa(int(port.Port))
}
