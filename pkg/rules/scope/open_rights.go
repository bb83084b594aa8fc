package scope

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const istioNetworking = "networking.istio.io"

func openRights() *rule.Rule {
	return &rule.Rule{
		ID: "SCP003", Name: "open-rights", Category: category, Severity: finding.Info,
		Stages:  analyze(),
		Needs:   []snapshot.Part{snapshot.Roles, snapshot.RoleBindings, snapshot.ClusterRoles, snapshot.ClusterRoleBindings, snapshot.Webhooks, snapshot.AdmissionPolicies},
		Summary: "Others than administrators may write VirtualServices, DestinationRules, Sidecars or EnvoyFilters, and no admission policy is seen that limits their hosts and exportTo.",
		Why:     "A namespace can then route the hosts of others, and replace the Sidecar that is meant for all.",
		Fix:     "Add a ValidatingAdmissionPolicy, or a policy of Gatekeeper or Kyverno, that limits hosts and exportTo to the own namespace.",
		Hints:   []string{"X1", "X2"},
		Run: func(p *rule.Pass) {
			if guard := guarded(p); guard != "" {
				p.Lookedf("%s looks at these objects", guard)
				return
			}
			for _, g := range mesh.Of(p.Snapshot).Writers(istioNetworking, "virtualservices", "destinationrules", "sidecars", "envoyfilters") {
				p.Reportf(snapshot.Place(g.Binding, "roleRef.name"), "%s lets %s write %s %s, and no admission policy limits hosts and exportTo", g.Role, rule.Some(g.Subjects), strings.Join(g.Resources, ", "), g.Where())
			}
			p.Lookedf("%s and %s", finding.Count(len(p.RoleBindings), "role binding"), finding.Count(len(p.ClusterRoleBindings), "cluster role binding"))
		},
	}
}

// guarded names an admission policy, or a webhook of others than Istio, that
// sees Istio's objects.
func guarded(p *rule.Pass) string {
	for _, policy := range p.AdmissionPolicies {
		if match := policy.Spec.MatchConstraints; match != nil && slices.ContainsFunc(match.ResourceRules, func(r admissionv1.NamedRuleWithOperations) bool { return ofIstio(r.APIGroups) }) {
			return "ValidatingAdmissionPolicy " + policy.Name
		}
	}
	for _, h := range p.Webhooks {
		if h.GetKind() != "ValidatingWebhookConfiguration" || h.GetLabels()["app"] == "istiod" || h.GetLabels()["istio.io/rev"] != "" {
			continue
		}
		list, _, err := unstructured.NestedSlice(h.Object, "webhooks")
		if err != nil {
			continue
		}
		for _, one := range list {
			if webhook, ok := one.(map[string]any); ok {
				if rules, ok := webhook["rules"].([]any); ok && aboutIstio(rules) {
					return h.GetKind() + " " + h.GetName()
				}
			}
		}
	}
	return ""
}

func ofIstio(groups []string) bool {
	return slices.Contains(groups, "*") || slices.Contains(groups, istioNetworking)
}

// aboutIstio says whether rules of a webhook take Istio's objects.
func aboutIstio(rules []any) bool {
	return slices.ContainsFunc(rules, func(r any) bool {
		one, ok := r.(map[string]any)
		if !ok {
			return false
		}
		groups, _, err := unstructured.NestedStringSlice(one, "apiGroups")
		return err == nil && ofIstio(groups)
	})
}
