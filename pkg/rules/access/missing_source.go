package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// sources are what rules about who calls rest on.
func sources() []snapshot.Part {
	return append(mesh.WorkloadParts(), snapshot.AuthorizationPolicies, snapshot.Namespaces, snapshot.Services, snapshot.ServiceEntries,
		snapshot.ServiceAccounts, snapshot.WorkloadEntries, snapshot.WorkloadGroups, snapshot.KubernetesGateways)
}

func missingNamespace() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ004", Name: "missing-source-namespace", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: append(sources(), snapshot.Whole),
		Summary:     "A policy names a source namespace that does not exist.",
		Why:         "Nobody calls from there, so that the rule lets in, or keeps out, nobody.",
		Fix:         "Correct the name, or remove it.",
		Equivalents: []string{"IST0101", "KIA0101"},
		Run: func(p *rule.Pass) {
			known, asked := spacesOf(mesh.Of(p.Snapshot)), map[string]bool{}
			missing := func(v string) bool {
				if _, done := asked[v]; !done {
					asked[v] = !matchesSome(v, known)
				}
				return asked[v]
			}
			for _, policy := range p.AuthorizationPolicies {
				for _, c := range allClauses(policy) {
					if !slices.Contains([]string{"namespaces", "notNamespaces", "source.namespace"}, c.name) {
						continue
					}
					if i := slices.IndexFunc(c.values, missing); i >= 0 {
						p.Reportf(snapshot.Place(policy, value(c, i)), "namespace %s does not exist, so that nobody calls from it", c.values[i])
						break
					}
				}
			}
			p.Lookedf("%s, with source namespaces that there are", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// value is the place of one value of a field.
func value(c clause, i int) string { return fmt.Sprintf("%s[%d]", c.path, i) }

func missingAccount() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ008", Name: "missing-principal", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: sources(),
		Summary:     "A policy names a principal that nobody has.",
		Why:         "No workload runs with that service account, or the principal is not written as Istio compares it, so that the rule matches nobody.",
		Fix:         "Write trust-domain/ns/namespace/sa/service-account, without spiffe://, of a service account that is there.",
		Equivalents: []string{"KIA0106"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			whole, reason := p.Has(snapshot.Whole)
			known := accounts(m)
			for _, policy := range p.AuthorizationPolicies {
				principals(p, m, policy, known, whole)
			}
			if !whole && len(p.AuthorizationPolicies) > 0 {
				p.Undecidedf("%s", reason)
			}
			p.Lookedf("%s, with principals that there are", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

func principals(p *rule.Pass, m *mesh.Mesh, policy *mesh.Authorization, known map[string]bool, whole bool) {
	for _, c := range allClauses(policy) {
		if !slices.Contains([]string{"principals", "notPrincipals", "source.principal"}, c.name) {
			continue
		}
		for i, v := range c.values {
			at := snapshot.Place(policy, value(c, i))
			if rest, ok := strings.CutPrefix(v, "spiffe://"); ok {
				p.Reportf(at, "principals are compared without spiffe://, so that this one matches nobody; write %s", rest)
				return
			}
			a, ok := accountOf(v)
			if ok && whole && local(m, a.domain) && !known[a.namespace+"/"+a.name] {
				p.Reportf(at, "there is no service account %s in namespace %s, so that nobody has this principal", a.name, a.namespace)
				return
			}
		}
	}
}

// local says whether a trust domain is the mesh's own. In others nobody knows
// who there is.
func local(m *mesh.Mesh, domain string) bool {
	return domain == "cluster.local" || domain == m.Config.GetTrustDomain() || slices.Contains(m.Config.GetTrustDomainAliases(), domain)
}
