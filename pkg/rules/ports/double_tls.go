package ports

import (
	"fmt"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func doubleTLS() *rule.Rule {
	return &rule.Rule{
		ID: "SVC009", Name: "tls-declared-twice", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services, snapshot.ServiceEntries, snapshot.DestinationRules, snapshot.VirtualServices},
		Summary: "A port is declared https or tls, and a DestinationRule lets the proxy start TLS on it, or its target is plain HTTP.",
		Why:     "Declared so, applications send TLS themselves: the proxy would wrap it in TLS once more, or the server gets TLS where it expects none.",
		Fix:     "Declare the port http and let its targetPort be the TLS port, or leave TLS to the applications.",
		Hints:   []string{"S14"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			plain := plainRoutes(m)
			for _, r := range p.DestinationRules {
				reportOrigination(p, m, r, plain)
			}
			for _, s := range services(p.Snapshot) {
				reportPlainTarget(p, s)
			}
			p.Lookedf("%s and %s", finding.Count(len(p.DestinationRules), "DestinationRule"), finding.Count(len(p.Services), "Service"))
		},
	}
}

// plainRoutes are the hosts and ports to which HTTP routes send, as of an egress
// gateway that starts TLS for others. Port 0 stands for any.
func plainRoutes(m *mesh.Mesh) map[string]bool {
	out := map[string]bool{}
	for _, v := range m.VirtualServices {
		for _, r := range v.Spec.GetHttp() {
			for _, d := range r.GetRoute() {
				out[m.FQDN(d.GetDestination().GetHost(), v.Namespace)] = true
			}
		}
	}
	return out
}

// reportOrigination reports a DestinationRule that starts TLS on a port that is
// declared to carry it already.
func reportOrigination(p *rule.Pass, m *mesh.Mesh, r *networking.DestinationRule, plain map[string]bool) {
	host := m.FQDN(r.Spec.GetHost(), r.Namespace)
	services := m.ServicesOf(host)
	if len(services) == 0 || plain[host] {
		return
	}
	policy := r.Spec.GetTrafficPolicy()
	levels := map[uint32]int{}
	for i, level := range policy.GetPortLevelSettings() {
		levels[level.GetPort().GetNumber()] = i
	}
	for _, port := range services[0].Ports {
		if !port.Protocol.IsTLS() {
			continue
		}
		tls, at := policy.GetTls(), "spec.trafficPolicy.tls.mode"
		if i, ok := levels[uint32(port.Number)]; ok {
			tls, at = policy.GetPortLevelSettings()[i].GetTls(), fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d].tls.mode", i)
		}
		if mode := tls.GetMode(); mode == api.ClientTLSSettings_SIMPLE || mode == api.ClientTLSSettings_MUTUAL {
			p.Reportf(snapshot.Place(r, at), "the proxy starts TLS (%s) on port %d of %s, which is declared %s and so carries TLS already; declare it http, or leave TLS to the applications", mode, port.Number, host, port.Protocol)
			return
		}
	}
}

// reportPlainTarget reports a port that is declared https while its target is
// named http. Load balancers may end TLS before.
func reportPlainTarget(p *rule.Pass, s *corev1.Service) {
	if s.Spec.Type == corev1.ServiceTypeLoadBalancer {
		return
	}
	for i, port := range s.Spec.Ports {
		if port.TargetPort.StrVal == "" || !declared(port).IsTLS() {
			continue
		}
		target := port
		target.Name, target.AppProtocol, target.Port = port.TargetPort.StrVal, nil, 0
		if declared(target).IsHTTP() {
			p.Reportf(snapshot.Place(s, fmt.Sprintf("spec.ports[%d].targetPort", i)), "port %d is declared %s, but its target is the port %q, which is plain HTTP; declare it http", port.Port, declared(port), port.TargetPort.StrVal)
			return
		}
	}
}
