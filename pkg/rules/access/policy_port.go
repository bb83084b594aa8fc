package access

import (
	"slices"
	"strconv"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func policyPort() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ011", Name: "policy-port", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: portParts(snapshot.AuthorizationPolicies),
		Summary: "A policy names the port of a Service, and the workload behind it has another.",
		Why:     "Proxies and ztunnel compare the port that the connection has at the pod, which is the targetPort of the Service, so that an ALLOW rule lets nothing in and a DENY rule refuses nothing.",
		Fix:     "Write the port that the container listens on.",
		Run: func(p *rule.Pass) {
			x := newServicePorts(p)
			for _, policy := range p.AuthorizationPolicies {
				for _, c := range portClauses(policy) {
					for _, v := range c.values {
						x.ask(policy.Namespace, policy.Spec.GetSelector().GetMatchLabels(), number(v))
					}
				}
			}
			x.look()
			for _, policy := range p.AuthorizationPolicies {
				for _, c := range portClauses(policy) {
					x.clause(p, policy, c)
				}
			}
			p.Lookedf("%s, none about ports that only Services have", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// portClauses are the fields of a policy about ports of workloads. Those of a
// waypoint, which targetRefs name, are about the ports of Services.
func portClauses(policy *mesh.Authorization) []clause {
	if len(mesh.Targets(&policy.Spec)) > 0 {
		return nil
	}
	return slices.DeleteFunc(allClauses(policy), func(c clause) bool {
		return !slices.Contains([]string{"ports", "notPorts", "destination.port"}, c.name)
	})
}

// clause reports the first port of a field that no workload of the policy has,
// unless the right one stands beside it.
func (x *servicePorts) clause(p *rule.Pass, policy *mesh.Authorization, c clause) {
	for i, v := range c.values {
		l := x.lead(policy.Namespace, policy.Spec.GetSelector().GetMatchLabels(), number(v))
		if l == nil || slices.Contains(c.values, strconv.Itoa(l.to)) {
			continue
		}
		p.Reportf(snapshot.Place(policy, value(c, i)), "%s is a port of a Service only: %s, and policies compare that one, so that %s %s; write %d", v, l, v, c.without(), l.to)
		return
	}
}
