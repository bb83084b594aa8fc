package access

import (
	"fmt"
	"strconv"

	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// maxSelected is how many workloads of a policy are looked at.
const maxSelected = 100

// tcpPorts finds ports of workloads that their sidecars take for TCP.
type tcpPorts struct {
	mesh     *mesh.Mesh
	services mesh.Selecting[*mesh.Service]
	own      mesh.Selecting[string] // Sidecars that say themselves what ports take
	known    map[*mesh.Workload]portsOf
	spaces   map[string][]tcpPort
}

// portsOf are the ports of a workload that Services lead to.
type portsOf struct {
	tcp   []tcpPort
	other bool // some are not for TCP, or not known
}

type tcpPort struct {
	workload *mesh.Workload
	number   int
	name     string
	doubtful bool // whether there is a sidecar
}

func (p tcpPort) String() string {
	if p.name == "" {
		return fmt.Sprintf("port %d", p.number)
	}
	return fmt.Sprintf("port %d (%s)", p.number, p.name)
}

func newTCPPorts(m *mesh.Mesh) *tcpPorts {
	t := &tcpPorts{mesh: m, known: map[*mesh.Workload]portsOf{}, spaces: map[string][]tcpPort{}}
	for _, s := range m.Registry() {
		if k := s.Kubernetes; k != nil && len(k.Spec.Selector) > 0 && k.Spec.Type != corev1.ServiceTypeExternalName {
			t.services.Add(s.Namespace, k.Spec.Selector, s)
		}
	}
	for _, s := range m.Sidecars {
		if len(s.Spec.GetIngress()) > 0 {
			t.own.Add(s.Namespace, s.Spec.GetWorkloadSelector().GetLabels(), s.Name)
		}
	}
	return t
}

// of are the ports of a workload. Where Services differ about one it is not
// known, and so are all where nothing in the mesh stands before them.
func (t *tcpPorts) of(w *mesh.Workload) portsOf {
	out, ok := t.known[w]
	if ok {
		return out
	}
	sidecar := t.mesh.HasSidecar(w)
	if sidecar == mesh.No || t.mesh.InAmbient(w) == mesh.Yes || w.IsGateway() || t.mesh.IsEdge(w) || w.OfIstio() ||
		len(t.own.Plain(w.Namespace()))+len(t.own.By(w.Namespace(), w.Labels)) > 0 {
		t.known[w] = portsOf{other: true}
		return t.known[w]
	}
	plain, seen := map[int]bool{}, map[int]mesh.Port{}
	var order []int
	for _, s := range t.services.By(w.Namespace(), w.Labels) {
		for _, p := range s.Ports {
			n := w.Landing(p)
			if p.Protocol == protocol.UDP || n != 0 && w.Spared(n) {
				continue
			}
			if _, met := seen[n]; !met {
				seen[n], plain[n], order = p, true, append(order, n)
			}
			plain[n] = plain[n] && n != 0 && (p.Protocol.IsTCP() || p.Protocol.IsTLS())
		}
	}
	for _, n := range order {
		if plain[n] {
			out.tcp = append(out.tcp, tcpPort{w, n, seen[n].Name, sidecar != mesh.Yes})
		} else {
			out.other = true
		}
	}
	out.other = out.other || more(w, plain)
	t.known[w] = out
	return out
}

// more says whether a workload tells of ports that no Service leads to, such as
// that of an exporter: sidecars detect what these take.
func more(w *mesh.Workload, led map[int]bool) bool {
	for _, c := range w.Spec.Containers {
		for _, p := range c.Ports {
			if _, ok := led[int(p.ContainerPort)]; !ok && p.Protocol != corev1.ProtocolUDP {
				return true
			}
		}
	}
	port, err := strconv.Atoi(w.Annotations["prometheus.io/port"])
	_, ok := led[port]
	return err == nil && !ok
}

// some are ports for TCP of a policy's workloads, each number once.
func (t *tcpPorts) some(policy *mesh.Authorization) []tcpPort {
	if wanted := policy.Spec.GetSelector().GetMatchLabels(); len(wanted) > 0 {
		return t.different(t.mesh.First(policy.Namespace, wanted, maxSelected))
	}
	found, ok := t.spaces[policy.Namespace]
	if !ok {
		all := t.mesh.WorkloadsOf(policy.Namespace)
		if policy.Namespace == t.mesh.Root {
			all = t.mesh.Workloads()
		}
		found = t.different(all)
		t.spaces[policy.Namespace] = found
	}
	return found
}

func (t *tcpPorts) different(workloads []*mesh.Workload) []tcpPort {
	seen := map[int]bool{}
	var out []tcpPort
	for _, w := range workloads {
		for _, p := range t.of(w).tcp {
			if !seen[p.number] {
				seen[p.number], out = true, append(out, p)
			}
		}
	}
	return out
}

// only says whether a policy selects workloads of which all ports are for TCP,
// and names one.
func (t *tcpPorts) only(policy *mesh.Authorization) (tcpPort, bool) {
	wanted := policy.Spec.GetSelector().GetMatchLabels()
	if len(wanted) == 0 {
		return tcpPort{}, false // a namespace may get others
	}
	var first tcpPort
	for _, w := range t.mesh.First(policy.Namespace, wanted, maxSelected) {
		ports := t.of(w)
		if ports.other || len(ports.tcp) == 0 {
			return tcpPort{}, false
		}
		if first.workload == nil {
			first = ports.tcp[0]
		}
	}
	return first, first.workload != nil
}
