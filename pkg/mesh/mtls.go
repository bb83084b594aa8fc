package mesh

import (
	"slices"

	apisecurity "istio.io/api/security/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
)

// peers are the PeerAuthentications of each namespace, the oldest first: those
// for all its workloads, and those with a selector.
type peers struct {
	plain, selecting map[string][]*security.PeerAuthentication
}

func newPeers(m *Mesh) peers {
	p := peers{map[string][]*security.PeerAuthentication{}, map[string][]*security.PeerAuthentication{}}
	for _, pa := range m.PeerAuthentications {
		into := p.plain
		if len(pa.Spec.GetSelector().GetMatchLabels()) > 0 {
			into = p.selecting
		}
		into[pa.Namespace] = append(into[pa.Namespace], pa)
	}
	for _, index := range []map[string][]*security.PeerAuthentication{p.plain, p.selecting} {
		for _, list := range index {
			slices.SortStableFunc(list, func(a, b *security.PeerAuthentication) int {
				return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
			})
		}
	}
	return p
}

// PeerMode is what the mesh asks of connections to a port of a workload's pods,
// and the PeerAuthentication that says so: nil, and permissive, where none
// does. The workload's own wins over the namespace's, that one over the mesh's,
// and of several the oldest.
func (m *Mesh) PeerMode(w *Workload, port uint32) (apisecurity.PeerAuthentication_MutualTLS_Mode, *security.PeerAuthentication) {
	mode, by := apisecurity.PeerAuthentication_MutualTLS_PERMISSIVE, (*security.PeerAuthentication)(nil)
	take := func(pa *security.PeerAuthentication, mtls *apisecurity.PeerAuthentication_MutualTLS) {
		if got := mtls.GetMode(); got != apisecurity.PeerAuthentication_MutualTLS_UNSET {
			mode, by = got, pa
		}
	}
	for _, namespace := range []string{m.Root, w.Namespace()} {
		if plain := m.peers.plain[namespace]; len(plain) > 0 {
			take(plain[0], plain[0].Spec.GetMtls())
		}
	}
	if w.Namespace() == m.Root {
		return mode, by
	}
	for _, pa := range m.peers.selecting[w.Namespace()] {
		if Has(w.Labels, pa.Spec.GetSelector().GetMatchLabels()) {
			take(pa, pa.Spec.GetMtls())
			take(pa, pa.Spec.GetPortLevelMtls()[port])
			break
		}
	}
	return mode, by
}
