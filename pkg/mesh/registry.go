package mesh

import (
	"cmp"
	"slices"
	"strings"
	"time"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/kube"
	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// exportAnnotation says on a Kubernetes Service who sees it.
const exportAnnotation = "networking.istio.io/exportTo"

// Service is one host that the mesh knows: of a Kubernetes Service, or one of
// the hosts of a ServiceEntry.
type Service struct {
	Host, Namespace string
	Ports           []Port
	Visible         Visibility
	Created         time.Time
	// Kubernetes or Entry is where it comes from.
	Kubernetes *corev1.Service
	Entry      *networking.ServiceEntry
}

// Port is one port of a service.
type Port struct {
	Number int
	Name   string
	// Protocol is what istiod takes it for; Unsupported where it detects it.
	Protocol protocol.Instance
	// Target is the port of the workload, by number or name; "" for the same.
	Target string
}

// Object is what the service was made of.
func (s *Service) Object() snapshot.Object {
	if s.Kubernetes != nil {
		return s.Kubernetes
	}
	return s.Entry
}

// Port finds a port by number.
func (s *Service) Port(number int) (Port, bool) {
	i := slices.IndexFunc(s.Ports, func(p Port) bool { return p.Number == number })
	if i < 0 {
		return Port{}, false
	}
	return s.Ports[i], true
}

// registry is what istiod calls its service registry.
type registry struct {
	all    []*Service
	hosts  Hosts[*Service]
	spaces map[string][]*Service
}

func newRegistry(m *Mesh) registry {
	r := registry{spaces: map[string][]*Service{}}
	for _, s := range m.Services {
		r.add(m.kubernetes(s))
	}
	for _, e := range m.ServiceEntries {
		for _, s := range m.entry(e) {
			r.add(s)
		}
	}
	return r
}

func (r *registry) add(s *Service) {
	r.all = append(r.all, s)
	r.hosts.Add(s.Host, s)
	r.spaces[s.Namespace] = append(r.spaces[s.Namespace], s)
}

func (m *Mesh) kubernetes(s *corev1.Service) *Service {
	out := &Service{
		Host: s.Name + "." + s.Namespace + ".svc." + m.Domain, Namespace: s.Namespace, Kubernetes: s, Created: s.CreationTimestamp.Time,
	}
	var exportTo []string
	for to := range strings.SplitSeq(s.Annotations[exportAnnotation], ",") {
		if to = strings.TrimSpace(to); to != "" {
			exportTo = append(exportTo, to)
		}
	}
	out.Visible = visibility(exportTo, m.Config.GetDefaultServiceExportTo(), s.Namespace)
	for _, p := range s.Spec.Ports {
		target := p.TargetPort.String()
		if target == "0" {
			target = ""
		}
		out.Ports = append(out.Ports, Port{
			Number: int(p.Port), Name: p.Name, Target: target,
			Protocol: kube.ConvertProtocol(p.Port, p.Name, cmp.Or(p.Protocol, corev1.ProtocolTCP), p.AppProtocol),
		})
	}
	return out
}

func (m *Mesh) entry(e *networking.ServiceEntry) []*Service {
	var ports []Port
	for _, p := range e.Spec.GetPorts() {
		port := Port{Number: int(p.GetNumber()), Name: p.GetName(), Protocol: protocol.Parse(p.GetProtocol())}
		ports = append(ports, port)
	}
	visible := m.OfServiceEntry(e)
	var out []*Service
	for _, host := range e.Spec.GetHosts() {
		out = append(out, &Service{Host: host, Namespace: e.Namespace, Ports: ports, Visible: visible, Entry: e, Created: e.CreationTimestamp.Time})
	}
	return out
}

// Registry lists every service, those of Kubernetes first.
func (m *Mesh) Registry() []*Service { return m.registry.all }

// RegistryOf lists the services of a namespace.
func (m *Mesh) RegistryOf(namespace string) []*Service { return m.registry.spaces[namespace] }

// ServicesOf are the services of exactly this host, whoever sees them.
func (m *Mesh) ServicesOf(host string) []*Service { return m.registry.hosts.Exact(host) }

// Lookup are the services that a namespace sees under a host: those of exactly
// this name, and where there is none those of wildcards that cover it.
func (m *Mesh) Lookup(host, namespace string) []*Service {
	seen := func(list []*Service) (out []*Service) {
		for _, s := range list {
			if s.Visible.In(namespace) {
				out = append(out, s)
			}
		}
		return out
	}
	if out := seen(m.registry.hosts.Exact(host)); len(out) > 0 {
		return out
	}
	return seen(m.registry.hosts.Covering(host))
}

// Covering are the services of wildcards that cover a host, the widest first.
func (m *Mesh) Covering(host string) []*Service { return m.registry.hosts.Covering(host) }

// Matching calls visit for every service that a host or wildcard stands for.
func (m *Mesh) Matching(host string, visit func(*Service) bool) {
	for _, s := range m.registry.hosts.Exact(host) {
		if !visit(s) {
			return
		}
	}
	if strings.HasPrefix(host, "*") {
		m.registry.hosts.Under(host, visit)
	}
}
