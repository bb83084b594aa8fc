package mesh

import (
	corev1 "k8s.io/api/core/v1"
)

// spaces are the namespaces.
type spaces map[string]*corev1.Namespace

func newSpaces(m *Mesh) spaces {
	out := spaces{}
	for _, ns := range m.Namespaces {
		out[ns.Name] = ns
	}
	return out
}

// Space is a namespace's object; nil where the picture does not hold it.
func (m *Mesh) Space(name string) *corev1.Namespace { return m.spaces[name] }

// Exists says whether there is a namespace: by its object, by something in it,
// or because every mesh or cluster has it.
func (m *Mesh) Exists(name string) bool {
	return m.spaces[name] != nil || len(m.registry.spaces[name]) > 0 || m.workloads.spaces[name] != nil ||
		name == m.Root || name == "default" || name == "kube-system"
}

// Answer is yes, no, or not known.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Labels that say whether a pod is in the mesh, and how.
const (
	InjectionLabel = "istio-injection"
	RevisionLabel  = "istio.io/rev"
	InjectLabel    = "sidecar.istio.io/inject"
	DataplaneLabel = "istio.io/dataplane-mode"
)

// HasSidecar says whether the pods of a workload have a sidecar: because it is
// there, or because labels have it injected. Where the picture lacks the
// namespace, nobody knows.
func (m *Mesh) HasSidecar(w *Workload) Answer {
	if runsProxy(w.Spec.Containers) || runsProxy(w.Spec.InitContainers) {
		return Yes
	}
	if w.Spec.HostNetwork {
		return No
	}
	if _, isPod := w.Object.(*corev1.Pod); isPod && w.Object.GetUID() != "" {
		return No // it runs without one
	}
	return m.Injects(w)
}

// Injects says whether labels have the pods of a workload injected, as far as
// the picture holds its namespace.
func (m *Mesh) Injects(w *Workload) Answer {
	switch own := w.Labels[InjectLabel]; {
	case own == "false" || w.Annotations[InjectLabel] == "false" && own == "":
		return No
	case own == "true" || w.Labels[RevisionLabel] != "":
		return Yes
	}
	ns := m.Space(w.Namespace())
	if ns == nil {
		return Unknown
	}
	if label, ok := ns.Labels[InjectionLabel]; ok {
		return answer(label == "enabled")
	}
	if ns.Labels[RevisionLabel] != "" {
		return Yes
	}
	return answer(m.injectsByDefault())
}

// runsProxy says whether the proxy is among containers.
func runsProxy(list []corev1.Container) bool {
	for i := range list { // containers are large to copy
		if list[i].Name == proxyName {
			return true
		}
	}
	return false
}

// injectsByDefault says whether namespaces without a label are injected.
func (m *Mesh) injectsByDefault() bool {
	for _, c := range m.Configs {
		if c.EffectiveValues().Str("sidecarInjectorWebhook", "enableNamespacesByDefault") == "true" {
			return true
		}
	}
	return false
}

// InAmbient says whether the pods of a workload are in the mesh without a
// sidecar.
func (m *Mesh) InAmbient(w *Workload) Answer {
	switch w.Labels[DataplaneLabel] {
	case "ambient":
		return answer(m.HasSidecar(w) != Yes)
	case "none":
		return No
	}
	ns := m.Space(w.Namespace())
	if ns == nil {
		return Unknown
	}
	return answer(ns.Labels[DataplaneLabel] == "ambient" && m.HasSidecar(w) != Yes)
}
