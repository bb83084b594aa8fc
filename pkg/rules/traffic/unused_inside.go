package traffic

import (
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// sidecars says whether those take routes of a name for some host of a
// VirtualService, or that nobody knows, and else what the host has instead.
func (u *unused) sidecars(v *mesh.VirtualService, routes string) (used bool, has string) {
	for _, host := range v.Hosts {
		services := u.mesh.ServicesOf(host)
		if len(services) == 0 || strings.HasPrefix(host, "*") && routes == "http" {
			return true, ""
		}
		for _, s := range services {
			if s.Kubernetes != nil && s.Kubernetes.Spec.Type == corev1.ServiceTypeExternalName || len(s.Ports) == 0 || slices.ContainsFunc(s.Ports, func(p mesh.Port) bool { return takesRoutes(p, routes) }) {
				return true, ""
			}
		}
		if routes == "http" && u.elsewhere(v, services[0], host) {
			return true, ""
		}
		has = fmt.Sprintf("%s has only %s", host, shownPorts(services[0]))
	}
	return false, has
}

// takesRoutes says whether sidecars take routes of a name at a port.
func takesRoutes(p mesh.Port, routes string) bool {
	switch routes {
	case "http":
		return p.Protocol.IsHTTPOrSniffed()
	case "tls":
		return p.Protocol.IsTLS()
	}
	return !p.Protocol.IsHTTP() && !p.Protocol.IsTLS()
}

// elsewhere says whether HTTP for a host may come in at a port that its service
// does not have: sidecars know the host at every port for HTTP. So it is where
// none of the routes leads to the host itself, or where sidecars are to speak
// TLS to it.
func (u *unused) elsewhere(v *mesh.VirtualService, s *mesh.Service, host string) bool {
	own := false
	for _, l := range legs(v) {
		if !l.http {
			continue
		}
		own = own || u.mesh.FQDN(l.to.GetHost(), v.Namespace) == host
		for _, port := range l.ports {
			if _, there := s.Port(port); !there {
				return true
			}
		}
	}
	return !own || slices.ContainsFunc(u.mesh.RulesOf(host), originates)
}

// originates says whether a rule makes TLS of plain text.
func originates(r *mesh.DestinationRule) bool {
	policy := r.Spec.GetTrafficPolicy()
	modes := []api.ClientTLSSettings_TLSmode{policy.GetTls().GetMode()}
	for _, p := range policy.GetPortLevelSettings() {
		modes = append(modes, p.GetTls().GetMode())
	}
	return slices.Contains(modes, api.ClientTLSSettings_SIMPLE) || slices.Contains(modes, api.ClientTLSSettings_MUTUAL)
}

func shownPorts(s *mesh.Service) string {
	var out []string
	for _, p := range s.Ports[:min(len(s.Ports), 3)] {
		protocol := string(p.Protocol)
		if p.Protocol.IsUnsupported() {
			protocol = "no protocol"
		}
		out = append(out, fmt.Sprintf("port %d (%s)", p.Number, protocol))
	}
	return strings.Join(out, ", ")
}
