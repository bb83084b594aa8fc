package ports

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func externalNameTarget() *rule.Rule {
	return &rule.Rule{
		ID: "SVC004", Name: "external-name-target", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services, snapshot.ServiceEntries},
		Summary: "An ExternalName leads to another one, to itself, or to a Service whose ports are others.",
		Why:     "Istio takes the ports and protocols of the last Service in the chain, whatever the ExternalName says; a circle leads nowhere, and Istio before 1.21 does not follow a chain.",
		Fix:     "Name the last Service, and the ports that it has.",
		Hints:   []string{"S13"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			for _, s := range services(p.Snapshot) {
				if s.Spec.Type != corev1.ServiceTypeExternalName {
					continue
				}
				looked++
				reportTarget(p, m, s)
			}
			p.Lookedf("%s of type ExternalName", finding.Count(looked, "Service"))
		},
	}
}

func reportTarget(p *rule.Pass, m *mesh.Mesh, s *corev1.Service) {
	at := snapshot.Place(s, "spec.externalName")
	first := kubernetesService(m, s.Spec.ExternalName)
	last, hops := follow(m, s)
	switch {
	case first == nil:
		return
	case last == nil:
		p.Reportf(at, "%s leads back to this Service, so it has no address; name a Service that is not an ExternalName", s.Spec.ExternalName)
	case hops > 1:
		f := p.Reportf(at, "%s is an ExternalName too, of %s in the end; name that", s.Spec.ExternalName, m.FQDN(last.Name, last.Namespace))
		if !p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 21}) {
			f.Severity = finding.Info // Istio follows the chain
		}
	default:
		reportPorts(p, s, last)
	}
}

// reportPorts reports the first port that the target has not, or has for another
// protocol.
func reportPorts(p *rule.Pass, s, target *corev1.Service) {
	theirs := map[int32]corev1.ServicePort{}
	for _, port := range target.Spec.Ports {
		theirs[port.Port] = port
	}
	for i, port := range s.Spec.Ports {
		at := snapshot.Place(s, fmt.Sprintf("spec.ports[%d].port", i))
		other, ok := theirs[port.Port]
		switch {
		case !ok:
			p.Reportf(at, "port %d is not one of %s/%s, which this name stands for; use one of its ports", port.Port, target.Namespace, target.Name)
			return
		case !declared(port).IsUnsupported() && !alike(declared(port), declared(other)):
			p.Reportf(at, "port %d is declared %s here and %s in %s/%s, which this name stands for and which counts; declare the same", port.Port, declared(port), protocolName(other), target.Namespace, target.Name)
			return
		}
	}
}

func protocolName(p corev1.ServicePort) string {
	if proto := declared(p); !proto.IsUnsupported() {
		return string(proto)
	}
	return "nothing"
}

// follow goes from an ExternalName to the Service at the end; nil where that is
// a circle, or is not in the cluster.
func follow(m *mesh.Mesh, s *corev1.Service) (last *corev1.Service, hops int) {
	seen := map[*corev1.Service]bool{s: true}
	for s.Spec.Type == corev1.ServiceTypeExternalName {
		next := kubernetesService(m, s.Spec.ExternalName)
		if next == nil {
			return s, hops
		}
		if seen[next] {
			return nil, hops
		}
		seen[next] = true
		s, hops = next, hops+1
	}
	return s, hops
}

// kubernetesService is the Service of a full name; nil where the picture has
// none.
func kubernetesService(m *mesh.Mesh, host string) *corev1.Service {
	for _, s := range m.ServicesOf(host) {
		if s.Kubernetes != nil {
			return s.Kubernetes
		}
	}
	return nil
}
