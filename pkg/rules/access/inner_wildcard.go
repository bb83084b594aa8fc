package access

import (
	"slices"
	"strings"

	"istio.io/istio/pkg/config/security"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func innerWildcard() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ012", Name: "inner-wildcard", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: append(mesh.WorkloadParts(), snapshot.AuthorizationPolicies, snapshot.Namespaces),
		Summary: "A policy has a * inside of a path, host or request principal, or of a namespace for ztunnel, where it stands for itself.",
		Why:     "Only one * counts, as the first or else the last letter; any other is compared as it is written, so that an ALLOW rule lets nothing in and a DENY rule refuses nothing.",
		Fix:     "End the value with the *, or begin it; in paths {*} stands for a segment and {**} for the rest.",
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, policy := range p.AuthorizationPolicies {
				for _, c := range allClauses(policy) {
					if i := slices.IndexFunc(c.values, func(v string) bool { return c.literal(v) }); i >= 0 && (!c.spaces() || ztunnelOnly(m, policy)) {
						p.Reportf(snapshot.Place(policy, value(c, i)), "only one * stands for others, as the first or else the last letter: %s %s; %s", c.values[i], c.without(), c.instead())
					}
				}
			}
			p.Lookedf("%s, none with a * inside of a value", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// literal says whether a value of a field has a * that stands for itself, where
// no request has one. Of principals and methods other rules speak.
func (c clause) literal(v string) bool {
	if !strings.Contains(inner(v), "*") {
		return false
	}
	switch c.name {
	case "paths", "notPaths":
		return !security.ContainsPathTemplate(v)
	case "hosts", "notHosts", "connection.sni":
		return true
	}
	return c.tokens() || c.spaces()
}

// spaces says whether a field is about namespaces of peers. Proxies take a *
// anywhere in one, ztunnel only at an end.
func (c clause) spaces() bool {
	return slices.Contains([]string{"namespaces", "notNamespaces", "source.namespace"}, c.name)
}

// ztunnelOnly says whether all workloads of a policy that are seen are in
// ambient mode, and no waypoint is to enforce it.
func ztunnelOnly(m *mesh.Mesh, policy *mesh.Authorization) bool {
	if len(mesh.Targets(&policy.Spec)) > 0 || policy.Namespace == m.Root {
		return false
	}
	seen := m.First(policy.Namespace, policy.Spec.GetSelector().GetMatchLabels(), maxSelected)
	return len(seen) > 0 && !slices.ContainsFunc(seen, func(w *mesh.Workload) bool { return m.InAmbient(w) != mesh.Yes })
}

// tokens says whether a field is about principals of tokens.
func (c clause) tokens() bool {
	return slices.Contains([]string{"requestPrincipals", "notRequestPrincipals", "request.auth.principal"}, c.name)
}

// without is what a value does that is like nothing.
func (c clause) without() string {
	if c.negative {
		return "leaves nothing out"
	}
	return "matches nothing"
}

// instead is how to write what is meant.
func (c clause) instead() string {
	switch {
	case strings.HasSuffix(strings.ToLower(c.name), "paths"):
		return "write {*} for one segment of the path, or {**} for all that follow"
	case c.tokens():
		return "write *, ISSUER/* or */SUBJECT"
	}
	if c.spaces() {
		return "ztunnel reads no other; list the namespaces, or write * at one end only"
	}
	return "list the hosts, or write * at one end only"
}
