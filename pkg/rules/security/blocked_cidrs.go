package security

import (
	"fmt"
	"slices"

	api "istio.io/api/security/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func blockedCIDRs() *rule.Rule {
	return &rule.Rule{
		ID: "SEC007", Name: "jwks-anywhere", Category: hardening, Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify, rule.Analyze},
		Needs:   []snapshot.Part{snapshot.RequestAuths, snapshot.ControlPlanes},
		Summary: "A RequestAuthentication names a jwksUri, and istiod fetches keys from any address.",
		Why:     "Who may write a RequestAuthentication has istiod call addresses for them, such as the cloud's metadata service.",
		Fix:     "Set istiod's BLOCKED_CIDRS_IN_JWKS_URIS, for example to 169.254.0.0/16 and the networks of your nodes.",
		Hints:   []string{"C1"}, Equivalents: []string{"IST0175"},
		Run: func(p *rule.Pass) {
			var fetched []*security.RequestAuthentication
			for _, o := range p.RequestAuths {
				if fetches(o) {
					fetched = append(fetched, o)
				}
			}
			for _, d := range p.ControlPlanes {
				if len(fetched) > 0 && !blocks(d) {
					p.Reportf(snapshot.Place(d, "spec.template.spec.containers[discovery].env"),
						"%s does not set BLOCKED_CIDRS_IN_JWKS_URIS, and fetches keys for %s, such as %s", snapshot.KeyOf(d), objects(len(fetched)), snapshot.KeyOf(fetched[0]))
				}
			}
			p.Lookedf("no RequestAuthentication makes istiod call any address")
		},
	}
}

func objects(n int) string {
	if n == 1 {
		return "1 RequestAuthentication"
	}
	return fmt.Sprintf("%d RequestAuthentications", n)
}

func fetches(o *security.RequestAuthentication) bool {
	return slices.ContainsFunc(o.Spec.GetJwtRules(), func(r *api.JWTRule) bool { return r.GetJwksUri() != "" })
}

// blocks says whether an istiod has the variable, with a value or from
// elsewhere.
func blocks(d *unstructured.Unstructured) bool {
	containers, _, _ := unstructured.NestedSlice(d.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		m, _ := c.(map[string]any)
		env, _ := m["env"].([]any)
		for _, e := range env {
			entry, _ := e.(map[string]any)
			if entry["name"] == "BLOCKED_CIDRS_IN_JWKS_URIS" && entry["value"] != "" {
				return true
			}
		}
	}
	return false
}
