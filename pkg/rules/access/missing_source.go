package access

import (
	"fmt"
	"slices"

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
		Stages: analyze(), Needs: append(sources(), snapshot.Sole),
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
