package injection

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func imageAuto() *rule.Rule {
	return &rule.Rule{
		ID: "INJ008", Name: "image-auto", Category: category, Severity: finding.Error,
		Stages:      []rule.Stage{rule.Analyze},
		Needs:       append(mesh.WorkloadParts(), snapshot.Namespaces, snapshot.Webhooks),
		Summary:     "Pods have the image auto for their proxy, and nothing injects them.",
		Why:         "No image has that name, so the pods, often those of a gateway, do not start.",
		Fix:         "Label the pods sidecar.istio.io/inject: \"true\", or their namespace for injection; restart pods that were made before.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0146", "IST0147"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			hooks := injectors(p)
			for _, w := range m.Workloads() {
				path := auto(w.Spec)
				if path == "" {
					continue
				}
				looked++
				pod, _ := w.Object.(*corev1.Pod)
				switch whole, reason := p.Has(snapshot.Whole); {
				case pod != nil && !toBeMade(p, pod):
					if lives(pod) {
						p.Reportf(w.At(path), "the pod was made with the image auto, so no webhook injected it; restart it when the injector answers")
					}
				case injected(m, hooks, w) == mesh.Yes:
				case !whole:
					p.Undecidedf("%s", reason)
				case injected(m, hooks, w) == mesh.Unknown:
					p.Undecidedf("namespace %s is not in the picture, so whether its pods are injected is not known", w.Namespace())
				default:
					p.Reportf(w.At(path), "the image is auto, and no webhook injects the pods of %s; label them sidecar.istio.io/inject: \"true\"", w)
				}
			}
			p.Lookedf("%s with the image auto", finding.Count(looked, "workload"))
		},
	}
}

// auto is the path of a proxy's image that the injector is to replace; "" for
// none.
func auto(spec *corev1.PodSpec) string {
	for i := range spec.Containers {
		if c := &spec.Containers[i]; c.Name == "istio-proxy" && c.Image == "auto" {
			return "spec.containers[istio-proxy].image"
		}
	}
	return ""
}

// injected says whether pods are taken by a webhook, or by their labels where
// the picture has no webhook.
func injected(m *mesh.Mesh, hooks []*snapshot.Hook, w *mesh.Workload) mesh.Answer {
	ns := m.Space(w.Namespace())
	switch {
	case w.Spec.HostNetwork:
		return mesh.No
	case ns == nil && len(m.Namespaces) > 0:
		ns = &corev1.Namespace{} // the others are there, so this one has no labels
	}
	switch {
	case len(hooks) == 0 && ns != nil && m.Injects(w) == mesh.Unknown:
		return mesh.No
	case len(hooks) == 0:
		return m.Injects(w)
	case ns != nil && taken(hooks, ns.Labels, w.Labels), ns == nil && taken(hooks, labels.Set{}, w.Labels):
		return mesh.Yes
	case ns == nil:
		return mesh.Unknown
	}
	return mesh.No
}
