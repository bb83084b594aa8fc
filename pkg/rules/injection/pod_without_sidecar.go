package injection

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func podWithoutSidecar() *rule.Rule {
	return &rule.Rule{
		ID: "INJ004", Name: "pod-without-sidecar", Category: category, Severity: finding.Warning,
		Stages:      []rule.Stage{rule.Verify, rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Rendered, snapshot.Namespaces, snapshot.Webhooks, snapshot.ControlPlanes, snapshot.Injectors, snapshot.Pods},
		Summary:     "A pod that is to be injected runs without a sidecar.",
		Why:         "It was made before injection was on or while istiod was away; its traffic is outside of the mesh, and strict mTLS shuts it out.",
		Fix:         "Restart the workload, for example with `kubectl rollout restart`.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0103"},
		Run: func(p *rule.Pass) {
			if len(p.ControlPlanes) == 0 {
				p.Undecidedf("%s", nothingRuns)
				return
			}
			injectors := told(p)
			spaces := map[string]labels.Set{}
			for _, ns := range users(p) {
				spaces[ns.Name] = ns.Labels
			}
			var bare []string
			looked := 0
			for _, pod := range p.Pods {
				if ns := spaces[pod.Namespace]; ns == nil || !lives(pod) || toBeMade(p, pod) || !wanted(injectors, ns, pod) {
					continue
				}
				looked++
				if !hasSidecar(pod) {
					bare = append(bare, pod.Namespace+"/"+pod.Name)
				}
			}
			if len(bare) > 0 {
				p.Reportf(finding.Location{Object: "Pod/" + slices.Min(bare)}, "pods that are to be injected run without a sidecar: %s; restart their workloads", rule.Some(bare))
			}
			p.Lookedf("%s that are to be injected", finding.Count(looked, "pod"))
		},
	}
}

// lives says whether a pod is there to stay and went through admission.
func lives(pod *corev1.Pod) bool {
	done := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return !done && !mirror && pod.DeletionTimestamp == nil
}

// toBeMade says whether a pod is in a file only: it is injected when it is made.
func toBeMade(p *rule.Pass, pod *corev1.Pod) bool {
	return inFiles(p, pod) && pod.UID == "" && pod.Status.Phase == ""
}

// wanted says whether an istiod would inject a pod. One with templates of its
// own may get something other than a sidecar.
func wanted(injectors []injector, namespace labels.Set, pod *corev1.Pod) bool {
	if t, ok := pod.Annotations["inject.istio.io/templates"]; ok && t != "sidecar" {
		return false
	}
	return slices.ContainsFunc(injectors, func(i injector) bool {
		return i.injects(pod) && taken(i.hooks, namespace, pod.Labels)
	})
}

// hasSidecar also knows native sidecars, which are init containers, and pods
// whose proxy has another name.
func hasSidecar(pod *corev1.Pod) bool {
	proxy := func(c corev1.Container) bool { return c.Name == "istio-proxy" }
	return pod.Annotations["sidecar.istio.io/status"] != "" ||
		slices.ContainsFunc(pod.Spec.Containers, proxy) || slices.ContainsFunc(pod.Spec.InitContainers, proxy)
}
