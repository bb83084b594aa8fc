package injection

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Labels of namespaces and pods.
const (
	injectionLabel = "istio-injection"
	revisionLabel  = "istio.io/rev"
	tagLabel       = "istio.io/tag"
	dataplaneLabel = "istio.io/dataplane-mode"
	injectLabel    = "sidecar.istio.io/inject"
	ambient        = "ambient"
	enabled        = "enabled"
)

const (
	category    = "Injection"
	nothingRuns = "no control plane is in the picture"
	noWebhooks  = "no webhook of an injector is in the picture"
)

// systemNamespaces are those that istiod never injects.
func systemNamespaces() []string {
	return []string{"kube-system", "kube-public", "kube-node-lease", "local-path-storage"}
}

// injectors are the webhooks of Istio that there will be: those of this
// installation, and those of other revisions and tags.
func injectors(p *rule.Pass) []*snapshot.Hook {
	own, others, err := p.PodHooks()
	if err != nil {
		p.Undecidedf("%v", err)
	}
	return append(own, slices.DeleteFunc(others, func(h *snapshot.Hook) bool { return !h.OfIstio() })...)
}

// taken says whether some injector takes a pod.
func taken(hooks []*snapshot.Hook, namespace, pod labels.Set) bool {
	return slices.ContainsFunc(hooks, func(h *snapshot.Hook) bool { return h.Selects(namespace, pod) })
}

// inFiles says whether an object stands in a file; one that a cluster has does
// not, unless it was exported.
func inFiles(p *rule.Pass, o snapshot.Object) bool {
	_, ok := p.Origins[snapshot.KeyOf(o).String()]
	return ok
}

// users are the namespaces that may hold workloads: not the system's, and not
// those on their way out.
func users(p *rule.Pass) []*corev1.Namespace {
	return slices.DeleteFunc(slices.Clone(p.Namespaces), func(ns *corev1.Namespace) bool {
		return ns.DeletionTimestamp != nil || slices.Contains(systemNamespaces(), ns.Name)
	})
}

// revisions are the revisions and tags that there will be.
func revisions(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	learn := func(o snapshot.Object) {
		for _, key := range []string{revisionLabel, tagLabel} {
			if name := o.GetLabels()[key]; name != "" {
				out[name] = true
			}
		}
	}
	for _, d := range p.ControlPlanes {
		learn(d)
	}
	for _, w := range p.Webhooks {
		learn(w)
	}
	for _, m := range p.Rendered {
		if k := m.Object.GetKind(); k == "Deployment" || k == "MutatingWebhookConfiguration" {
			learn(m.Object)
		}
	}
	return out
}
