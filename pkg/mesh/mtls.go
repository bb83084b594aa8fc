package mesh

import (
	"slices"

	apisecurity "istio.io/api/security/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
)

// Peer is a PeerAuthentication, Mode how it has connections taken.
type (
	Peer = security.PeerAuthentication
	Mode = apisecurity.PeerAuthentication_MutualTLS_Mode
)

// The modes.
const (
	Unset      = apisecurity.PeerAuthentication_MutualTLS_UNSET
	Disabled   = apisecurity.PeerAuthentication_MutualTLS_DISABLE
	Permissive = apisecurity.PeerAuthentication_MutualTLS_PERMISSIVE
	Strict     = apisecurity.PeerAuthentication_MutualTLS_STRICT
)

// peers are the PeerAuthentications: those for all workloads of a namespace, of
// which the oldest counts, and those with a selector.
type peers struct {
	plain     map[string]*Peer
	selecting Selecting[*Peer]
}

func newPeers(m *Mesh) peers {
	x := peers{plain: map[string]*Peer{}}
	for _, p := range slices.SortedStableFunc(slices.Values(m.PeerAuthentications), func(a, b *Peer) int {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	}) {
		wanted := p.Spec.GetSelector().GetMatchLabels()
		x.selecting.Add(p.Namespace, wanted, p)
		if len(wanted) == 0 && x.plain[p.Namespace] == nil {
			x.plain[p.Namespace] = p
		}
	}
	return x
}

// PeerPolicy is the PeerAuthentication for all workloads of a namespace, for
// those of the mesh where it is the root namespace; nil where there is none.
func (m *Mesh) PeerPolicy(namespace string) *Peer { return m.peers.plain[namespace] }

// ModeOf is what the mesh asks of connections to the pods of a namespace, where
// no PeerAuthentication for single workloads says something else, and the
// PeerAuthentication that says so: nil, and permissive, where none does.
func (m *Mesh) ModeOf(namespace string) (Mode, *Peer) {
	for _, space := range []string{namespace, m.Root} {
		if p := m.PeerPolicy(space); p != nil && p.Spec.GetMtls().GetMode() != Unset {
			return p.Spec.GetMtls().GetMode(), p
		}
	}
	return Permissive, nil
}

// PeerMode is what the mesh asks of connections to a port of a workload's pods,
// and the PeerAuthentication that says so: nil, and permissive, where none
// does. The workload's own wins over the namespace's, that one over the mesh's,
// and of several the oldest.
func (m *Mesh) PeerMode(w *Workload, port uint32) (Mode, *Peer) {
	mode, by := m.ModeOf(w.Namespace())
	if w.Namespace() == m.Root {
		return mode, by
	}
	own := oldest(m.peers.selecting.By(w.Namespace(), w.Labels))
	if own == nil {
		return mode, by
	}
	for _, mtls := range []*apisecurity.PeerAuthentication_MutualTLS{own.Spec.GetMtls(), own.Spec.GetPortLevelMtls()[port]} {
		if got := mtls.GetMode(); got != Unset {
			mode, by = got, own
		}
	}
	return mode, by
}

// oldest is the policy that was created first; of those that were created at
// once the first by name.
func oldest(list []*Peer) (first *Peer) {
	for _, p := range list {
		c := 0
		if first != nil {
			c = p.CreationTimestamp.Compare(first.CreationTimestamp.Time)
		}
		if first == nil || c < 0 || c == 0 && p.Name < first.Name {
			first = p
		}
	}
	return first
}
