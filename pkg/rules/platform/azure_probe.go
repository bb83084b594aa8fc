package platform

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// azureProbe goes by istio#46769 and Azure/AKS#3646: since Kubernetes 1.24 the
// appProtocol of a port decides how Azure's load balancer probes it, and
// Services that istiod makes for the Gateway API have one.
func azureProbe() *rule.Rule {
	return &rule.Rule{
		ID: "PLT009", Name: "azure-health-probe", Category: "Gateways", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Services, snapshot.Platform},
		Summary: "Azure's load balancer probes a gateway with HTTP on path /, which gateways answer with 404.",
		Why:     "The load balancer takes every node for dead, and traffic from outside times out.",
		Fix:     "Set annotation service.beta.kubernetes.io/port_PORT_health-probe_protocol: tcp, or externalTrafficPolicy: Local.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s, %d services", p.Target.Platform, len(p.Services))
			if p.Target.Platform != "aks" {
				return
			}
			var names []string
			var first *corev1.Service
			port := int32(0)
			for _, s := range gateways(p) {
				if at := probedByHTTP(s); at != 0 {
					names = append(names, fmt.Sprintf("%s/%s", s.Namespace, s.Name))
					if first == nil {
						first, port = s, at
					}
				}
			}
			if first != nil {
				p.Reportf(snapshot.Place(first, "spec.ports"), "Azure's load balancer probes path / over HTTP, because a port has appProtocol http or https; set annotation service.beta.kubernetes.io/port_%d_health-probe_protocol: tcp on %s", port, rule.First(names))
			}
		},
	}
}

// probedByHTTP is the first port of a Service that Azure probes by HTTP; 0 for
// none.
func probedByHTTP(s *corev1.Service) int32 {
	if s.Spec.Type != corev1.ServiceTypeLoadBalancer || s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
		return 0
	}
	for name := range s.Annotations {
		if strings.Contains(name, "health-probe") {
			return 0
		}
	}
	for _, port := range s.Spec.Ports {
		if protocol := port.AppProtocol; protocol != nil && (strings.EqualFold(*protocol, "http") || strings.EqualFold(*protocol, "https")) {
			return port.Port
		}
	}
	return 0
}
