package access

import (
	"fmt"
	"strconv"

	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// untranslated is on Services of gateways whose ports istiod leaves as they are.
const untranslated = "experimental.istio.io/disable-gateway-port-translation"

// portParts are what ports of workloads rest on.
func portParts(more ...snapshot.Part) []snapshot.Part {
	return append(append(mesh.EdgeParts(), snapshot.Namespaces, snapshot.ServiceEntries, snapshot.Sidecars, snapshot.WorkloadEntries, snapshot.WorkloadGroups), more...)
}

// servicePorts finds ports that policies ask for and that only Services have:
// the workloads that the policies select have others behind them. All that is
// asked for is told first, so that each workload is looked at once.
type servicePorts struct {
	mesh     *mesh.Mesh
	whole    bool
	services mesh.Selecting[*mesh.Service]
	own      mesh.Selecting[string] // Sidecars that say themselves where proxies listen
	edges    map[*mesh.Workload]*mesh.Edge
	index    mesh.Selecting[selection]
	known    map[string]selection
}

// selection is what policies with one selector ask for: ports, and what is
// found about them.
type selection map[int]*lead

// lead is the way from a port of a Service to another port of a workload.
type lead struct {
	service  *mesh.Service
	workload *mesh.Workload
	to       int
	refuted  bool // some workload has the port itself, or may have it
}

func newServicePorts(p *rule.Pass) *servicePorts {
	m := mesh.Of(p.Snapshot)
	x := &servicePorts{mesh: m, edges: map[*mesh.Workload]*mesh.Edge{}, known: map[string]selection{}}
	x.whole, _ = p.Has(snapshot.Sole)
	for _, s := range m.Registry() {
		switch {
		case s.Kubernetes == nil:
			if wanted := s.Entry.Spec.GetWorkloadSelector().GetLabels(); len(wanted) > 0 {
				x.services.Add(s.Namespace, wanted, s)
			}
		case len(s.Kubernetes.Spec.Selector) > 0 && s.Kubernetes.Spec.Type != corev1.ServiceTypeExternalName:
			x.services.Add(s.Namespace, s.Kubernetes.Spec.Selector, s)
		}
	}
	for _, s := range m.Sidecars {
		if len(s.Spec.GetIngress()) > 0 {
			x.own.Add(s.Namespace, s.Spec.GetWorkloadSelector().GetLabels(), s.Name)
		}
	}
	for _, e := range m.Edges() {
		if e.Workload != nil {
			x.edges[e.Workload] = e
		}
	}
	return x
}

// of is the selection of a policy; one of the root namespace selects in all.
func (x *servicePorts) of(namespace string, wanted map[string]string) selection {
	if namespace == x.mesh.Root {
		namespace = ""
	}
	key := fmt.Sprint(namespace, wanted)
	s, ok := x.known[key]
	if !ok {
		s = selection{}
		x.known[key] = s
		x.index.Add(namespace, wanted, s)
	}
	return s
}

// ask tells that a policy asks for a port. Who else a policy without a selector
// is for only a whole picture tells, and of pods of other kinds nobody knows
// the ports.
func (x *servicePorts) ask(namespace string, wanted map[string]string, port int) {
	if s := x.of(namespace, wanted); s[port] == nil {
		where := namespace
		if namespace == x.mesh.Root {
			where = ""
		}
		s[port] = &lead{refuted: !x.whole && len(wanted) == 0 || x.mesh.MadeByOther(where, wanted) != ""}
	}
}

// look goes through the workloads, and the machines, of which nobody knows what
// they listen on.
func (x *servicePorts) look() {
	for _, w := range x.mesh.Workloads() {
		if found := x.selecting(w.Namespace(), w.Labels); len(found) > 0 && x.enforces(w) {
			ports := x.portsOf(w)
			for _, s := range found {
				s.judge(w, ports, x.whole)
			}
		}
	}
	for _, e := range x.mesh.WorkloadEntries {
		x.refute(e.Namespace, e.Spec.GetLabels())
	}
	for _, g := range x.mesh.WorkloadGroups {
		x.refute(g.Namespace, g.Spec.GetMetadata().GetLabels())
	}
}

func (x *servicePorts) selecting(namespace string, labels map[string]string) []selection {
	var out []selection
	for _, space := range []string{namespace, ""} {
		out = append(append(out, x.index.Plain(space)...), x.index.By(space, labels)...)
	}
	return out
}

func (x *servicePorts) refute(namespace string, labels map[string]string) {
	for _, s := range x.selecting(namespace, labels) {
		for _, l := range s {
			l.refuted = true
		}
	}
}

// enforces says whether something at the workload looks at policies.
func (x *servicePorts) enforces(w *mesh.Workload) bool {
	return x.edges[w] != nil || x.mesh.HasSidecar(w) != mesh.No || x.mesh.InAmbient(w) != mesh.No
}

// workloadPorts are the ports of a workload.
type workloadPorts struct {
	own     map[int]bool  // those that it has
	from    map[int]*lead // those of Services that lead to others
	told    bool          // it says which it has
	unknown bool
}

func (x *servicePorts) portsOf(w *mesh.Workload) workloadPorts {
	out := workloadPorts{own: map[int]bool{}, from: map[int]*lead{}, told: declares(w)}
	out.unknown = len(x.own.Plain(w.Namespace()))+len(x.own.By(w.Namespace(), w.Labels)) > 0
	for _, list := range [][]corev1.Container{w.Spec.Containers, w.Spec.InitContainers} {
		for i := range list {
			for _, port := range list[i].Ports {
				out.own[int(port.ContainerPort)] = true
			}
		}
	}
	for _, s := range x.services.By(w.Namespace(), w.Labels) {
		if s.Kubernetes == nil {
			for _, port := range s.Entry.Spec.GetPorts() {
				out.own[int(port.GetNumber())], out.own[int(port.GetTargetPort())] = true, true
			}
			continue
		}
		_, as := s.Kubernetes.Labels[untranslated]
		out.unknown = out.unknown || as
		for _, port := range s.Ports {
			to := w.Landing(port)
			out.own[to] = true
			if port.Protocol != protocol.UDP && to != port.Number && out.from[port.Number] == nil {
				out.from[port.Number] = &lead{service: s, workload: w, to: to}
			}
			out.unknown = out.unknown || to == 0
		}
	}
	if e := x.edges[w]; e != nil {
		out.told = true
		for _, g := range e.Gateways {
			for _, server := range g.Spec.GetServers() {
				if n := int(server.GetPort().GetNumber()); out.from[n] == nil {
					out.own[n] = true
				}
			}
		}
	}
	return out
}

// declares says whether every container of an application says which ports it
// has.
func declares(w *mesh.Workload) bool {
	some := false
	for _, c := range w.AppContainers() {
		if len(c.Ports) > 0 {
			some = true
		} else if !c.Init {
			return false
		}
	}
	return some
}

// judge takes in what the ports of one more workload say.
func (s selection) judge(w *mesh.Workload, ports workloadPorts, whole bool) {
	for number, l := range s {
		from := ports.from[number]
		switch {
		case ports.unknown || ports.own[number] || !ports.told && (from == nil || !whole):
			l.refuted = true
		case from != nil && l.service == nil:
			l.service, l.workload, l.to = from.service, w, from.to
		}
	}
}

// lead is what is behind a port that only a Service has; nil for others.
func (x *servicePorts) lead(namespace string, wanted map[string]string, port int) *lead {
	if l := x.of(namespace, wanted)[port]; l != nil && !l.refuted && l.service != nil {
		return l
	}
	return nil
}

func (l *lead) String() string {
	return fmt.Sprintf("Service %s/%s leads to port %d of %s", l.service.Namespace, l.service.Kubernetes.Name, l.to, l.workload)
}

// number is a port in a list of a policy; 0 for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
