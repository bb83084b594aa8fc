package live

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func gatewayEndpoints() *rule.Rule {
	return &rule.Rule{
		ID: "POST016", Name: "gateway-endpoints", Category: "Gateways", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Services, snapshot.EndpointSlices, snapshot.Deployments},
		Summary: "The Service of a gateway, classic or of the Gateway API, has a port without a ready endpoint.",
		Why:     "Connections to that port are refused, though address and configuration look well.",
		Fix:     "Bring up the gateway's pods, or correct the Service's selector or targetPort.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			index, looked := endpointsOf(p.EndpointSlices), 0
			byNamespace := map[string][]*corev1.Service{}
			for _, s := range p.Services {
				byNamespace[s.Namespace] = append(byNamespace[s.Namespace], s)
			}
			for _, d := range p.Deployments {
				if !isGateway(d) {
					continue
				}
				for _, s := range byNamespace[d.Namespace] {
					if selects(s, d) {
						looked++
						gatewayService(p, d, s, index[snapshot.Key{Kind: "Service", Namespace: s.Namespace, Name: s.Name}])
					}
				}
			}
			p.Lookedf("%s of gateways have ready endpoints at each port", finding.Count(looked, "service"))
		},
	}
}

// isGateway tells Deployments of gateways: those that istiod makes for the
// Gateway API, those with the injector's gateway template, and those that run
// the proxy as a router.
func isGateway(d *appsv1.Deployment) bool {
	t := d.Spec.Template
	if t.Labels["gateway.networking.k8s.io/gateway-name"] != "" || t.Annotations["inject.istio.io/templates"] == "gateway" {
		return true
	}
	return slices.ContainsFunc(t.Spec.Containers, func(c corev1.Container) bool {
		return c.Name == proxyContainer && len(c.Args) > 1 && c.Args[0] == "proxy" && c.Args[1] == "router"
	})
}

func selects(s *corev1.Service, d *appsv1.Deployment) bool {
	return len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(d.Spec.Template.Labels))
}

func gatewayService(p *rule.Pass, d *appsv1.Deployment, s *corev1.Service, endpoints []*discoveryv1.EndpointSlice) {
	var without []string
	for _, port := range s.Spec.Ports {
		if ready(endpoints, port.Name) == 0 {
			without = append(without, fmt.Sprint(port.Port))
		}
	}
	at := finding.Location{Object: "Service/" + s.Namespace + "/" + s.Name}
	who := "Deployment " + d.Name + " " + state(d)
	switch {
	case len(without) == 0:
	case len(without) == len(s.Spec.Ports):
		p.Reportf(at, "gateway Service %s/%s has no ready endpoint: %s", s.Namespace, s.Name, who)
	default:
		for _, port := range s.Spec.Ports {
			if slices.Contains(without, fmt.Sprint(port.Port)) {
				at.Path = "spec.ports[" + fmt.Sprint(port.Port) + "].targetPort"
				p.Reportf(at, "port %d of gateway Service %s/%s has no ready endpoint%s", port.Port, s.Namespace, s.Name, unnamed(d, port))
			}
		}
	}
}

// state says in a word why a Deployment has no ready pod.
func state(d *appsv1.Deployment) string {
	if d.Spec.Replicas != nil && *d.Spec.Replicas == 0 {
		return "is scaled to 0"
	}
	return fmt.Sprintf("has %d of %d pods ready", d.Status.ReadyReplicas, d.Status.Replicas)
}

// unnamed explains a port that is looked up by a name no container has.
func unnamed(d *appsv1.Deployment, port corev1.ServicePort) string {
	if port.TargetPort.Type != intstr.String {
		return ""
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		if slices.ContainsFunc(c.Ports, func(cp corev1.ContainerPort) bool { return cp.Name == port.TargetPort.StrVal }) {
			return ""
		}
	}
	return fmt.Sprintf(": its targetPort is %q, and no container of Deployment %s has a port of that name", port.TargetPort.StrVal, d.Name)
}
