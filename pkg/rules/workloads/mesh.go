package workloads

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// apps are workloads that are neither Istio's own nor gateways.
type apps []*mesh.Workload

// applications are all that there are, found once for a snapshot.
func applications(m *mesh.Mesh) []*mesh.Workload {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) apps {
		out := make(apps, 0, len(m.Workloads()))
		for _, w := range m.Workloads() {
			if !w.OfIstio() && !w.IsGateway() {
				out = append(out, w)
			}
		}
		return out
	})
}

// maybe says whether a workload's pods may have a sidecar: where the picture
// lacks the namespace they may, unless nobody injects there. It is for faults
// that hardly stand where there is no mesh.
func maybe(m *mesh.Mesh, w *mesh.Workload) bool {
	switch m.HasSidecar(w) {
	case mesh.Yes:
		return true
	case mesh.No:
		return false
	}
	return !system(m, w.Namespace())
}

// surely says whether a workload's pods have a sidecar. Where the picture does
// not tell, the pass is undecided.
func surely(p *rule.Pass, m *mesh.Mesh, w *mesh.Workload) bool {
	answer := m.HasSidecar(w)
	if answer == mesh.Unknown && !system(m, w.Namespace()) {
		p.Undecidedf("namespace %s is not in the picture, so whether its pods are injected is not known", w.Namespace())
	}
	return answer == mesh.Yes
}

// system says whether a namespace is one that is not injected unless it says so.
func system(m *mesh.Mesh, namespace string) bool {
	return namespace == m.Root || slices.Contains([]string{"kube-system", "kube-public", "kube-node-lease", "local-path-storage"}, namespace)
}

// effective is what a container runs as: its own setting, or its pod's. Path is
// where that is written.
func effective(w *mesh.Workload, c mesh.Container, field string, own func(*corev1.SecurityContext) *int64, pod func(*corev1.PodSecurityContext) *int64) (id *int64, path string) {
	if c.SecurityContext != nil {
		if id := own(c.SecurityContext); id != nil {
			return id, c.Path + ".securityContext." + field
		}
	}
	if w.Spec.SecurityContext != nil {
		return pod(w.Spec.SecurityContext), "spec.securityContext." + field
	}
	return nil, ""
}

func user(w *mesh.Workload, c mesh.Container) (*int64, string) {
	return effective(w, c, "runAsUser",
		func(s *corev1.SecurityContext) *int64 { return s.RunAsUser }, func(s *corev1.PodSecurityContext) *int64 { return s.RunAsUser })
}

func group(w *mesh.Workload, c mesh.Container) (*int64, string) {
	return effective(w, c, "runAsGroup",
		func(s *corev1.SecurityContext) *int64 { return s.RunAsGroup }, func(s *corev1.PodSecurityContext) *int64 { return s.RunAsGroup })
}
