package access

import (
	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingAuthorizer() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ009", Name: "missing-authorizer", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.AuthorizationPolicies, snapshot.Deployments},
		Summary: "A policy with action CUSTOM names a provider that the mesh config does not have.",
		Why:     "istiod denies all requests that the policy is about, as nobody can be asked.",
		Fix:     "Correct the name, or add the provider to meshConfig.extensionProviders.",
		Run: func(p *rule.Pass) {
			known, looked := mesh.Of(p.Snapshot).Providers(), 0
			for _, policy := range p.AuthorizationPolicies {
				if policy.Spec.GetAction() != api.AuthorizationPolicy_CUSTOM {
					continue
				}
				looked++
				switch name := policy.Spec.GetProvider().GetName(); {
				case name == "" || known.HasExactly(name):
				case known.Unknown != "":
					p.Undecidedf("%s", known.Unknown)
				default:
					p.Reportf(snapshot.Place(policy, "spec.provider.name"), "the mesh config has no provider %q, so that all requests that this policy is about are denied; correct the name, or add it to extensionProviders", name)
				}
			}
			p.Lookedf("%s with action CUSTOM, all with a provider", finding.Count(looked, "policy"))
		},
	}
}
