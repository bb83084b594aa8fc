package platform

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// priorityQuota goes by istio.io's prerequisites for GKE: outside kube-system
// pods of a system priority are admitted only where a quota for it is.
func priorityQuota() *rule.Rule {
	return &rule.Rule{
		ID: "PLT008", Name: "priority-needs-quota", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Platform, snapshot.Quotas},
		Summary: "Pods of system priority would go to a namespace without a quota for that priority, which GKE does not admit.",
		Why:     "The DaemonSet is created and every one of its pods is refused: insufficient quota to match these scopes.",
		Fix:     "Set global.platform: gke or resourceQuotas.enabled: true, or install the component into kube-system.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s, %d quotas", p.Target.Platform, len(p.Quotas))
			if p.Target.Platform != "gke" {
				return
			}
			quotas := allQuotas(p)
			for _, m := range p.Rendered {
				o := m.Object
				class, _, _ := unstructured.NestedString(o.Object, "spec", "template", "spec", "priorityClassName")
				if o.GetNamespace() == systemNamespace || class != "system-node-critical" && class != "system-cluster-critical" {
					continue
				}
				if !slices.ContainsFunc(quotas, func(q *corev1.ResourceQuota) bool { return q.Namespace == o.GetNamespace() && admits(q, class) }) {
					p.Reportf(snapshot.KeyOf(o), "its pods have priority %s, and namespace %s has no ResourceQuota for it: GKE refuses them; set resourceQuotas.enabled: true, or install into kube-system", class, o.GetNamespace())
				}
			}
			p.Lookedf("%d resource quotas", len(quotas))
		},
	}
}

// allQuotas are those of the cluster and those that would be installed.
func allQuotas(p *rule.Pass) []*corev1.ResourceQuota {
	out := slices.Clone(p.Quotas)
	for _, m := range p.Rendered {
		q := &corev1.ResourceQuota{}
		if m.Object.GetKind() == "ResourceQuota" && runtime.DefaultUnstructuredConverter.FromUnstructured(m.Object.Object, q) == nil {
			out = append(out, q)
		}
	}
	return out
}

func admits(q *corev1.ResourceQuota, class string) bool {
	if q.Spec.ScopeSelector == nil {
		return false
	}
	for _, e := range q.Spec.ScopeSelector.MatchExpressions {
		if e.ScopeName != corev1.ResourceQuotaScopePriorityClass {
			continue
		}
		if e.Operator == corev1.ScopeSelectorOpExists || e.Operator == corev1.ScopeSelectorOpIn && slices.Contains(e.Values, class) {
			return true
		}
	}
	return false
}
