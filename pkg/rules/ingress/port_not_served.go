package ingress

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func portNotServed() *rule.Rule {
	return &rule.Rule{
		ID: "GWY014", Name: "gateway-port-not-on-service", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: edges(snapshot.Whole),
		Summary:     "A Gateway listens on a port that the gateway's Service does not lead to.",
		Why:         "The proxy listens, but nobody outside the cluster reaches the port.",
		Fix:         "Add the port to the gateway's Service, or use one that it has.",
		Equivalents: []string{"IST0162"},
		Run: func(p *rule.Pass) {
			m, known := mesh.Of(p.Snapshot), map[string]bool{}
			for _, g := range p.Gateways {
				found, selector := m.EdgesWith(g.Spec.GetSelector()), labels.Set(g.Spec.GetSelector()).String()
				for _, s := range serversOf(g) {
					key := fmt.Sprint(s.port, " ", selector)
					ok, judged := known[key]
					if !judged {
						ok = len(found) == 0 || slices.ContainsFunc(found, func(e *mesh.Edge) bool { return reached(e, s) })
						known[key] = ok
					}
					if !ok {
						p.Reportf(snapshot.Place(g, s.path+".port.number"), "port %d is not a port or targetPort of %s, so that nobody outside the cluster reaches it", s.port, snapshot.KeyOf(found[0].Services[0]))
						break
					}
				}
			}
			p.Lookedf("%s, on ports that Services lead to", finding.Count(len(p.Gateways), "Gateway"))
		},
	}
}

// reached says whether a Service leads to a server; a gateway without Services
// is reached in another way, or by name.
func reached(e *mesh.Edge, s server) bool {
	return len(e.Services) == 0 || slices.ContainsFunc(e.Services, func(service *corev1.Service) bool {
		return slices.ContainsFunc(service.Spec.Ports, func(port corev1.ServicePort) bool {
			unknown := port.TargetPort.StrVal != "" && target(e, port) == 0
			return unknown || len(behind(e, []server{s}, port)) > 0
		})
	})
}
