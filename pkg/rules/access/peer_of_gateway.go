package access

import (
	"fmt"
	"strings"

	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func peerOfGateway() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ002", Name: "peer-of-gateway", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: gateways(),
		Summary: "A policy of a gateway asks for principals, namespaces or service accounts, which the gateway's clients do not have.",
		Why:     "They come from the client's certificate of the mesh; clients from outside show none, so that the rule never matches.",
		Fix:     "Ask for remoteIpBlocks, requestPrincipals or hosts instead.",
		Hints:   []string{"P3"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			others, where := elsewhere(m), map[*mesh.Authorization][]string{}
			for _, e := range m.Edges() {
				for _, policy := range m.PoliciesFor(e) {
					if others[policy] {
						continue
					}
					if e.ShowsPeers() != mesh.No {
						others[policy] = true
						delete(where, policy)
						continue
					}
					where[policy] = append(where[policy], e.String())
				}
			}
			for policy, who := range where {
				strangers(p, policy, rule.Some(who))
			}
			p.Lookedf("%s of gateways, none about identities that clients lack", finding.Count(len(where), "policy"))
		},
	}
}

// elsewhere are the policies with a selector that are in force for others
// than gateways too.
func elsewhere(m *mesh.Mesh) map[*mesh.Authorization]bool {
	var index mesh.Selecting[*mesh.Authorization]
	for _, policy := range m.AuthorizationPolicies {
		space := policy.Namespace
		if space == m.Root {
			space = ""
		}
		index.Add(space, policy.Spec.GetSelector().GetMatchLabels(), policy)
	}
	out := map[*mesh.Authorization]bool{}
	for _, w := range m.Workloads() {
		if m.IsEdge(w) {
			continue
		}
		for _, policy := range append(index.By(w.Namespace(), w.Labels), index.By("", w.Labels)...) {
			out[policy] = true
		}
	}
	return out
}

// strangers reports the rules of a policy that no client of a gateway matches.
func strangers(p *rule.Pass, policy *mesh.Authorization, who string) {
	var first string
	var numbers []string
	for i, r := range policy.Spec.GetRules() {
		path, needed := needsIdentity(i, r)
		if !needed {
			continue
		}
		if first == "" {
			first = path
		}
		numbers = append(numbers, fmt.Sprint(i))
	}
	if first == "" {
		return
	}
	effect := "lets nobody in"
	if policy.Spec.GetAction() != api.AuthorizationPolicy_ALLOW {
		effect = "applies to nobody"
	}
	p.Reportf(snapshot.Place(policy, first), "%s no certificate of the mesh to %s, so %s %s; use remoteIpBlocks or requestPrincipals",
		"clients show", who, which(numbers), effect)
}

// which names rules by their numbers.
func which(numbers []string) string {
	if len(numbers) == 1 {
		return "rule " + numbers[0]
	}
	return "each of rules " + strings.Join(numbers, ", ")
}
