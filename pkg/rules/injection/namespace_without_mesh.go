package injection

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func namespaceWithoutMesh() *rule.Rule {
	return &rule.Rule{
		ID: "INJ001", Name: "namespace-without-mesh", Category: category, Severity: finding.Info,
		Stages: []rule.Stage{rule.Verify, rule.Analyze},
		Needs: []snapshot.Part{
			snapshot.Rendered, snapshot.Namespaces, snapshot.Webhooks, snapshot.ControlPlanes, snapshot.Pods, snapshot.Deployments,
		},
		Summary:     "A namespace has workloads and no label about the mesh, neither for it nor against it.",
		Why:         "Its pods are outside of the mesh, which nobody decided.",
		Fix:         "Label it istio-injection=enabled, istio.io/rev or istio.io/dataplane-mode=ambient, or istio-injection=disabled where that is meant.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0102"},
		Run: func(p *rule.Pass) {
			if len(p.ControlPlanes) == 0 {
				p.Undecidedf("%s", nothingRuns)
				return
			}
			hooks, outside := injectors(p), outsiders(p)
			var left []string
			for _, ns := range users(p) {
				if outside[ns.Name] && undecided(ns) && p.Discovers(ns.Labels) && !taken(hooks, ns.Labels, labels.Set{}) {
					left = append(left, ns.Name)
				}
			}
			if len(left) > 0 {
				p.Reportf(first(left), "namespaces with workloads and without a label about the mesh: %s", rule.Some(left))
			}
			p.Lookedf("%s with pods outside of the mesh", finding.Count(len(outside), "namespace"))
		},
	}
}

// outsiders are the namespaces with pods that could be in the mesh and have
// no proxy, apart from those of Istio itself and of platforms.
func outsiders(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	for _, pod := range p.Pods {
		if lives(pod) && !pod.Spec.HostNetwork && !hasSidecar(pod) && !decides(pod) {
			out[pod.Namespace] = true
		}
	}
	for _, d := range p.Deployments {
		t := d.Spec.Template
		if !t.Spec.HostNetwork && !decides(&corev1.Pod{ObjectMeta: t.ObjectMeta}) {
			out[d.Namespace] = true
		}
	}
	for _, d := range p.ControlPlanes {
		delete(out, d.GetNamespace())
	}
	for _, m := range p.Rendered {
		delete(out, m.Object.GetNamespace())
	}
	maps.DeleteFunc(out, func(name string, _ bool) bool {
		return slices.ContainsFunc([]string{"kube-", "openshift-", "gke-", "aks-", "cattle-"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	})
	return out
}

// decides says whether a pod itself tells how it stands to the mesh.
func decides(pod *corev1.Pod) bool {
	_, asked := pod.Annotations[injectLabel]
	return asked || pod.Labels[injectLabel] != "" || pod.Labels[dataplaneLabel] != ""
}

// undecided says whether a namespace has none of the labels; any value of one
// is a decision.
func undecided(ns *corev1.Namespace) bool {
	for _, key := range []string{injectionLabel, revisionLabel, dataplaneLabel} {
		if _, ok := ns.Labels[key]; ok {
			return false
		}
	}
	return true
}
