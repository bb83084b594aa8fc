package access

import (
	"strings"

	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unsafePattern() *rule.Rule {
	return &rule.Rule{
		ID: "SEC005", Name: "unsafe-pattern", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.AuthorizationPolicies},
		Summary: "An ALLOW policy lists what is left out, or a DENY policy lists paths.",
		Why:     "What a list forgets is then let in: a path that the application reads in another form than the proxy, or what is added later.",
		Fix:     "Let ALLOW policies say what may pass, and DENY policies what alone is spared, as notPaths.",
		Hints:   []string{"C1"},
		Run: func(p *rule.Pass) {
			for _, policy := range p.AuthorizationPolicies {
				var first *clause
				var names []string
				for _, c := range allClauses(policy) {
					if unsafe(policy, c) {
						if first == nil {
							first = &c
						}
						names = append(names, word(c))
					}
				}
				if first != nil {
					p.Reportf(snapshot.Place(policy, first.path), "%s with %s lets in what the list does not think of; %s", policy.Spec.GetAction(), rule.Some(names), remedy(policy))
				}
			}
			p.Lookedf("%s, none that lets in what it does not name", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// unsafe says whether a field errs on the side of letting in.
func unsafe(p *mesh.Authorization, c clause) bool {
	switch p.Spec.GetAction() {
	case api.AuthorizationPolicy_ALLOW:
		return c.negative
	case api.AuthorizationPolicy_DENY:
		return c.name == "paths"
	}
	return false
}

// word is the name of a field, for conditions with what it says.
func word(c clause) string {
	if c.negative && !strings.HasPrefix(c.name, "not") {
		return "notValues of " + c.name
	}
	return c.name
}

func remedy(p *mesh.Authorization) string {
	if p.Spec.GetAction() == api.AuthorizationPolicy_DENY {
		return "write an ALLOW policy with the paths that may pass, or notPaths"
	}
	return "write what may pass, or a DENY policy"
}
