package others

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// mesh is another service mesh: how its injector is named, and what switches
// it on for a namespace.
type mesh struct {
	name, hook string
	key        string
	values     []string
}

func meshes() []mesh {
	return []mesh{
		{"Linkerd", "linkerd.io", "linkerd.io/inject", []string{"enabled", "ingress"}},
		{"Kuma", "kuma.io", "kuma.io/sidecar-injection", []string{"enabled", "true"}},
		{"Open Service Mesh", "osm-inject.k8s.io", "openservicemesh.io/sidecar-injection", []string{"enabled", "true", "yes"}},
		{"Consul", "consul.hashicorp.com", "consul.hashicorp.com/connect-inject", []string{"true"}},
	}
}

// otherMeshes reports namespaces that Istio and another mesh inject. Those
// meshes take a look at nearly every pod; what counts is the label or
// annotation of the namespace.
func otherMeshes(p *rule.Pass, own, found []*snapshot.Hook) {
	for _, m := range meshes() {
		i := slices.IndexFunc(found, func(h *snapshot.Hook) bool { return strings.HasSuffix(h.Name, m.hook) })
		if i < 0 {
			continue
		}
		var shared []string
		for _, ns := range p.Namespaces {
			if m.on(ns) && inMesh(own, ns) && found[i].Selects(ns.Labels, labels.Set{}) {
				shared = append(shared, ns.Name)
			}
		}
		if len(shared) > 0 {
			p.Reportf(hookPlace(found[i], "namespaceSelector"), "%s and Istio both inject the pods of namespace %s; take %s or Istio's label away",
				m.name, rule.Some(shared), m.key).Severity = finding.Warning
		}
	}
}

func (m mesh) on(ns *corev1.Namespace) bool {
	return slices.Contains(m.values, ns.Labels[m.key]) || slices.Contains(m.values, ns.Annotations[m.key])
}

func inMesh(own []*snapshot.Hook, ns *corev1.Namespace) bool {
	return ns.Labels["istio.io/dataplane-mode"] == "ambient" ||
		slices.ContainsFunc(own, func(h *snapshot.Hook) bool { return h.Selects(ns.Labels, labels.Set{}) })
}
