package ingress

import (
	"fmt"

	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func sameListener() *rule.Rule {
	return &rule.Rule{
		ID: "GWY008", Name: "same-listener", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.KubernetesGateways},
		Summary:     "A Gateway has two listeners with one name, or with the same port, protocol and hostname.",
		Why:         "The API server refuses the Gateway, or takes only one of them into account.",
		Fix:         "Give each listener a name of its own, and another port, protocol or hostname.",
		Equivalents: []string{"KIA1503"},
		Run: func(p *rule.Pass) {
			for _, g := range p.KubernetesGateways {
				names, places := map[gateway.SectionName]bool{}, map[string]gateway.SectionName{}
				for i, l := range g.Spec.Listeners {
					key := fmt.Sprintf("%d/%s/%s", l.Port, l.Protocol, text(l.Hostname, ""))
					other, taken := places[key]
					if names[l.Name] {
						p.Reportf(snapshot.Place(g, fmt.Sprintf("spec.listeners[%d].name", i)), "another listener is named %s too", l.Name)
					} else if taken {
						p.Reportf(snapshot.Place(g, fmt.Sprintf("spec.listeners[%d]", i)), "listener %s has the port, protocol and hostname of listener %s", l.Name, other)
					}
					names[l.Name], places[key] = true, l.Name
				}
			}
			p.Lookedf("%s, with listeners that differ", finding.Count(len(p.KubernetesGateways), "Kubernetes Gateway"))
		},
	}
}

func sameAddress() *rule.Rule {
	return &rule.Rule{
		ID: "GWY009", Name: "same-address", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.KubernetesGateways},
		Summary:     "Two Gateways ask for the same port of one address.",
		Why:         "A load balancer gives an address and port to one Service, so that the other Gateway gets none; on a Service that both name, one listener is left out.",
		Fix:         "Give each Gateway an address of its own, or put the listeners into one Gateway.",
		Equivalents: []string{"KIA1501", "KIA1502"},
		Run: func(p *rule.Pass) {
			held, done := map[string]*gateway.Gateway{}, map[*gateway.Gateway]bool{}
			for _, g := range p.KubernetesGateways {
				for i, a := range g.Spec.Addresses {
					for _, l := range g.Spec.Listeners {
						key := place(g, a, l)
						if other := held[key]; other != nil && other != g && !done[g] {
							done[g] = true
							p.Reportf(snapshot.Place(g, fmt.Sprintf("spec.addresses[%d]", i)), "%s wants port %d of %s too", snapshot.KeyOf(other), l.Port, a.Value)
						} else if other == nil {
							held[key] = g
						}
					}
				}
			}
			p.Lookedf("%s, none with the address of another", finding.Count(len(p.KubernetesGateways), "Kubernetes Gateway"))
		},
	}
}

// place identifies what a listener takes of an address. A Service that is named
// by its host is shared by listeners with other hostnames.
func place(g *gateway.Gateway, a gateway.GatewaySpecAddress, l gateway.Listener) string {
	if kind := text(a.Type, string(gateway.IPAddressType)); kind != string(gateway.HostnameAddressType) {
		return fmt.Sprintf("%s/%s/%d", kind, a.Value, l.Port)
	}
	if l.Protocol == gateway.HTTPProtocolType {
		return fmt.Sprintf("%p", g) // routes of listeners for HTTP are merged
	}
	return fmt.Sprintf("%s.%s/%d/%s", a.Value, g.Namespace, l.Port, text(l.Hostname, ""))
}

func missingClass() *rule.Rule {
	return &rule.Rule{
		ID: "GWY010", Name: "missing-gateway-class", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.KubernetesGateways, snapshot.GatewayClasses, snapshot.Whole},
		Summary:     "A Gateway names a GatewayClass that does not exist.",
		Why:         "No controller takes the Gateway, so that nothing is made for it.",
		Fix:         "Use class istio, or istio-waypoint for a waypoint, or apply the GatewayClass.",
		Equivalents: []string{"KIA1504"},
		Run: func(p *rule.Pass) {
			known := istioClasses()
			for _, c := range p.GatewayClasses {
				known[c.Name] = true
			}
			for _, g := range p.KubernetesGateways {
				if class := string(g.Spec.GatewayClassName); !known[class] {
					p.Reportf(snapshot.Place(g, "spec.gatewayClassName"), "there is no GatewayClass %s, and none of Istio's is named so", class)
				}
			}
			p.Lookedf("%s, of classes that there are", finding.Count(len(p.KubernetesGateways), "Kubernetes Gateway"))
		},
	}
}

// istioClasses are those that istiod brings.
func istioClasses() map[string]bool {
	out := map[string]bool{}
	for _, name := range []string{"istio", "istio-remote", "istio-waypoint", "istio-east-west", "istio-agentgateway", "istio-agentgateway-waypoint"} {
		out[name] = true
	}
	return out
}
