package mesh

import (
	"istio.io/api/label"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Waypoint is the Gateway that labels ask for; its zero value is none.
type Waypoint struct{ Namespace, Name string }

// AskedWaypoint reads the labels of a service or workload of a namespace, or of
// the namespace itself. No is what none says: it wins over the namespace's.
func AskedWaypoint(labels map[string]string, namespace string) (w Waypoint, asked Answer) {
	switch name := labels[label.IoIstioUseWaypoint.Name]; name {
	case "":
		return Waypoint{}, Unknown
	case "none":
		return Waypoint{}, No
	default:
		if other, ok := labels[label.IoIstioUseWaypointNamespace.Name]; ok {
			namespace = other
		}
		return Waypoint{namespace, name}, Yes
	}
}

// WaypointOf is the waypoint that something with labels in a namespace asks for,
// or its namespace does for it: Yes, No, or Unknown where the picture lacks the
// namespace.
func (m *Mesh) WaypointOf(labels map[string]string, namespace string) (Waypoint, Answer) {
	if w, asked := AskedWaypoint(labels, namespace); asked != Unknown {
		return w, asked
	}
	ns := m.Space(namespace)
	if ns == nil {
		return Waypoint{}, Unknown
	}
	w, asked := AskedWaypoint(ns.Labels, namespace)
	return w, answer(asked == Yes)
}

// kubernetesGateways are those of the Gateway API by their names.
type kubernetesGateways map[Waypoint]*gateway.Gateway

// KubernetesGateway is the one of this name; nil where there is none.
func (m *Mesh) KubernetesGateway(namespace, name string) *gateway.Gateway {
	return snapshot.Derived(m.Snapshot, func(s *snapshot.Snapshot) kubernetesGateways {
		out := kubernetesGateways{}
		for _, g := range s.KubernetesGateways {
			out[Waypoint{g.Namespace, g.Name}] = g
		}
		return out
	})[Waypoint{namespace, name}]
}

// ServiceInAmbient says whether the pods of a service are in the mesh without
// sidecars: all that are seen, or where none are, by the namespace.
func (m *Mesh) ServiceInAmbient(s *Service) Answer {
	if s.Kubernetes == nil || len(s.Kubernetes.Spec.Selector) == 0 {
		return Unknown
	}
	pods := m.Select(s.Namespace, s.Kubernetes.Spec.Selector)
	for _, w := range pods {
		if in := m.InAmbient(w); in != Yes {
			return in
		}
	}
	if ns := m.Space(s.Namespace); len(pods) == 0 {
		return answer(ns != nil && ns.Labels[DataplaneLabel] == "ambient")
	}
	return Yes
}
