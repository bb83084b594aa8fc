package mesh

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Elsewhere says whether labels are likely those of gateways that an Istio
// installation brings which the picture does not hold: files of applications
// are complete without it, and a cluster never is.
func (m *Mesh) Elsewhere(labels map[string]string) bool {
	return m.Origins != nil && usual(labels) && !m.installationSeen()
}

// usual says whether labels are those that gateways have in Istio's profiles,
// charts and samples.
func usual(labels map[string]string) bool {
	return slices.Contains([]string{"ingressgateway", "egressgateway", "eastwestgateway", "ingress", "egress", "eastwest"}, labels["istio"]) ||
		strings.HasPrefix(labels["app"], "istio-")
}

// installation says whether a part of Istio, or a gateway, is in the picture.
type installation struct{ seen bool }

func (m *Mesh) installationSeen() bool {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) installation {
		return installation{slices.ContainsFunc(m.Workloads(), func(w *Workload) bool { return w.OfIstio() || usual(w.Labels) })}
	}).seen
}
