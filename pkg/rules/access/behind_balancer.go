package access

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func addressBehindBalancer() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ003", Name: "address-behind-balancer", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: gateways(),
		Summary: "A policy of a gateway asks for ipBlocks, and the gateway's load balancer does not keep the addresses of clients.",
		Why:     "ipBlocks are compared with the address that the connection comes from, which is then the load balancer's or a node's.",
		Fix:     "Set externalTrafficPolicy: Local, or use remoteIpBlocks with the number of trusted proxies in gatewayTopology.",
		Hints:   []string{"P3"},
		Run: func(p *rule.Pass) {
			m, done := mesh.Of(p.Snapshot), map[*mesh.Authorization]bool{}
			for _, e := range m.Edges() {
				s := hiding(e)
				if s == nil {
					continue
				}
				for _, policy := range m.PoliciesFor(e) {
					if !done[policy] {
						done[policy] = true
						addresses(p, policy, s)
					}
				}
			}
			p.Lookedf("%s of gateways, none about addresses that a load balancer hides", finding.Count(len(done), "policy"))
		},
	}
}

func addresses(p *rule.Pass, policy *mesh.Authorization, s *corev1.Service) {
	for _, c := range allClauses(policy) {
		if c.name == "ipBlocks" || c.name == "notIpBlocks" || c.name == "source.ip" {
			p.Reportf(snapshot.Place(policy, c.path), "%s is compared with the address that the connection comes from, and %s has externalTrafficPolicy %s, so that it may be a node's; set Local there, or use remoteIpBlocks",
				c.name, snapshot.KeyOf(s), corev1.ServiceExternalTrafficPolicyCluster)
			return
		}
	}
}

// hiding is the Service of a gateway that hides where clients are: one with a
// load balancer that sends their connections by way of any node. AWS's network
// load balancers that send to pods keep the address if they are told to.
func hiding(e *mesh.Edge) *corev1.Service {
	for _, s := range e.Services {
		if s.Spec.Type != corev1.ServiceTypeLoadBalancer {
			continue
		}
		if s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal || strings.Contains(s.Annotations["service.beta.kubernetes.io/aws-load-balancer-type"], "nlb-ip") ||
			s.Annotations["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"] == "ip" {
			return nil
		}
		return s
	}
	return nil
}
