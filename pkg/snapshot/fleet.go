package snapshot

import "slices"

// Parts about several clusters.
const (
	// Fleet says that the picture holds several clusters.
	Fleet Part = "several clusters"
	// Identities is what the control plane takes itself for.
	Identities Part = "identity of the control plane"
)

// Clusters are the pictures of several clusters beside one another.
type Clusters struct {
	// Fleet are those that were read, in the order in which they were named.
	// Each holds the parts that rules about several clusters need.
	Fleet []*Snapshot
	// Unread are the names of those that could not be read.
	Unread []string
}

// ControlPlaneIdentity is what a control plane was told to be among others.
type ControlPlaneIdentity struct {
	// ClusterID is the name that it has for its cluster; "" where none runs.
	ClusterID string
	// Network is the one that it is told for proxies; "" for none.
	Network string
	// Gateways are the networks that meshNetworks names gateways for.
	Gateways []string
	// AnyTrustDomain says that it takes clients of every trust domain.
	AnyTrustDomain bool
	// PeersInFiles says that it takes other clusters from files, not Secrets.
	PeersInFiles bool
}

// Only is the picture with no more than the given parts, so that the rest of a
// large cluster need not be kept.
func (s *Snapshot) Only(parts []Part) *Snapshot {
	out := *s
	out.Objects, out.Documents, out.derived = Objects{}, nil, &derived{}
	for _, k := range ObjectKinds() {
		if slices.Contains(parts, k.Part) {
			k.Append(&out.Objects, &s.Objects)
		}
	}
	out.ControlPlanes, out.RootCerts = s.ControlPlanes, s.RootCerts // few
	return &out
}
