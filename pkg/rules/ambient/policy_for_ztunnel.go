package ambient

import (
	"slices"

	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func policyForZtunnel() *rule.Rule {
	return &rule.Rule{
		ID: "AMB001", Name: "http-policy-for-ztunnel", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: append(mesh.EdgeParts(), snapshot.Namespaces, snapshot.AuthorizationPolicies),
		Summary:     "An AuthorizationPolicy of workloads in ambient mode asks for what only a waypoint sees: paths, methods, hosts, JWTs.",
		Why:         "Without targetRefs ztunnel enforces it, which knows no HTTP: it leaves ALLOW rules out and takes DENY rules without those fields, so that more is refused than written.",
		Fix:         "Name the Service or the waypoint in targetRefs, and have the service use a waypoint.",
		Equivalents: []string{"KIA0109", "KIA0110", "KIA1317"},
		Run: func(p *rule.Pass) {
			s := newSelector(mesh.Of(p.Snapshot))
			for _, policy := range p.AuthorizationPolicies {
				path, what := beyondZtunnel(policy)
				if path == "" || len(mesh.Targets(&policy.Spec)) > 0 {
					continue
				}
				if found := s.of(policy.Namespace, policy.Spec.GetSelector().GetMatchLabels()); found.ambient > 0 {
					p.Reportf(snapshot.Place(policy, path), "ztunnel, which enforces this%s, knows no %s, %s; name the Service or its waypoint in targetRefs", forWhom(found), what, consequence(policy))
				}
			}
			p.Lookedf("%s, none that asks ztunnel for HTTP", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

func forWhom(s selection) string {
	if s.example == nil {
		return ""
	}
	return " for " + s.example.String()
}

func consequence(policy *mesh.Authorization) string {
	switch policy.Spec.GetAction() {
	case api.AuthorizationPolicy_ALLOW:
		return "and leaves the rule out, so that it refuses what the rule allows"
	case api.AuthorizationPolicy_DENY:
		return "and refuses all that the rest of the rule matches"
	}
	return "and leaves the policy out"
}

// beyondZtunnel is the first thing in a policy that ztunnel does not know; path
// is "" where it knows all.
func beyondZtunnel(policy *mesh.Authorization) (path, what string) {
	if a := policy.Spec.GetAction(); a != api.AuthorizationPolicy_ALLOW && a != api.AuthorizationPolicy_DENY {
		return "spec.action", "action " + a.String()
	}
	for i, r := range policy.Spec.GetRules() {
		for _, f := range httpFields(i, r) {
			if len(f.values) > 0 {
				return f.path, f.name
			}
		}
		for j, c := range r.GetWhen() {
			if !slices.Contains([]string{"source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"}, c.GetKey()) {
				return at("spec.rules[%d].when[%d].key", i, j), c.GetKey()
			}
		}
	}
	return "", ""
}
