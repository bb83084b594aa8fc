package traffic

import (
	"slices"
	"strconv"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func destinationPort() *rule.Rule {
	return &rule.Rule{
		ID: "VS011", Name: "destination-port", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(snapshot.VirtualServices, snapshot.Gateways),
		Summary: "A destination names a port that its service does not have, or none where the service has several and not the one that requests come in at.",
		Why:     "Without a port proxies take the one of the listener, and for a port that the service does not have they have no cluster: requests get 503.",
		Fix:     "Name a port of the service in destination.port.number.", Equivalents: []string{"IST0112", "IST0101"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			n, known := 0, map[string][]int{}
			for _, v := range routes(m) {
				for _, l := range v.legs {
					host := m.FQDN(l.to.GetHost(), v.Namespace)
					ports, ok := known[host]
					if !ok {
						ports = portsOf(m, host)
						known[host] = ports
					}
					if len(ports) > 0 {
						n++
						portOf(p, m, v.VirtualService, l, ports)
					}
				}
			}
			p.Lookedf("%s to services, all with a port that is there", finding.Count(n, "destination"))
		},
	}
}

// portsOf are the ports of a service, from all that have its host. Those of one
// that is only another name are not known.
func portsOf(m *mesh.Mesh, host string) []int {
	var out []int
	for _, s := range m.ServicesOf(host) {
		if s.Kubernetes != nil && s.Kubernetes.Spec.Type == corev1.ServiceTypeExternalName {
			return nil
		}
		for _, p := range s.Ports {
			if !slices.Contains(out, p.Number) {
				out = append(out, p.Number)
			}
		}
	}
	return out
}

func portOf(p *rule.Pass, m *mesh.Mesh, v *mesh.VirtualService, l leg, ports []int) {
	if given := int(l.to.GetPort().GetNumber()); given != 0 {
		if !slices.Contains(ports, given) {
			p.Reportf(snapshot.Place(v.VirtualService, l.path()+".port.number"), "%s has no port %d, but %s: requests get 503", l.to.GetHost(), given, numbers(ports))
		}
		return
	}
	if len(ports) < 2 {
		return
	}
	var lost []int
	in := listeners(m, v, l)
	for _, port := range in {
		if !slices.Contains(ports, port) {
			lost = append(lost, port)
		}
	}
	if len(lost) == 0 {
		return
	}
	f := p.Reportf(snapshot.Place(v.VirtualService, l.path()+".host"), "%s has ports %s, and requests come in at %s: name one in destination.port.number, else they get 503", l.to.GetHost(), numbers(ports), numbers(lost))
	if len(lost) < len(in) {
		f.Severity = finding.Warning
	}
}

// listeners are the ports at which proxies take the requests of a route, as far
// as the picture tells.
func listeners(m *mesh.Mesh, v *mesh.VirtualService, l leg) []int {
	if l.ports != nil {
		return l.ports
	}
	if v.Delegate() {
		var out []int
		for _, root := range v.Roots {
			out = append(out, listeners(m, root, l)...)
		}
		return sorted(out)
	}
	var out []int
	for _, g := range v.Gateways {
		switch {
		case !l.takes(g):
		case g != mesh.MeshGateway:
			out = append(out, serverPorts(m, g, l.http)...)
		default:
			for _, host := range v.Hosts {
				out = append(out, hostPorts(m, host, l.http)...)
			}
		}
	}
	return sorted(out)
}

// serverPorts are those of a Gateway's servers for HTTP, or for all else.
func serverPorts(m *mesh.Mesh, gateway string, http bool) []int {
	g := edgesOf(m).gateways[gateway]
	if g == nil {
		return nil
	}
	var out []int
	for _, s := range g.Spec.GetServers() {
		protocol := strings.ToUpper(s.GetPort().GetProtocol())
		through := s.GetTls() != nil && s.GetTls().GetMode() == api.ServerTLSSettings_PASSTHROUGH && protocol != "HTTP"
		isHTTP := slices.Contains([]string{"HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB"}, protocol) && !through
		if isHTTP == http && !s.GetTls().GetHttpsRedirect() {
			out = append(out, int(s.GetPort().GetNumber()))
		}
	}
	return out
}

// hostPorts are those of a service by which sidecars get to a VirtualService.
func hostPorts(m *mesh.Mesh, host string, http bool) []int {
	var out []int
	for _, s := range m.ServicesOf(host) {
		for _, p := range s.Ports {
			if !http || p.Protocol.IsHTTPOrSniffed() {
				out = append(out, p.Number)
			}
		}
	}
	return out
}

func sorted(ports []int) []int {
	slices.Sort(ports)
	return slices.Compact(ports)
}

// numbers lists ports.
func numbers(ports []int) string {
	var out []string
	for _, p := range ports {
		out = append(out, strconv.Itoa(p))
	}
	return strings.Join(out, ", ")
}
