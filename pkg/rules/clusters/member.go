package clusters

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const (
	networkLabel = "topology.istio.io/network"
	// controlledBy names, at the namespace of a remote cluster, the clusters
	// whose control plane is its own too.
	controlledBy = "topology.istio.io/controlPlaneClusters"
)

// member is one of several clusters.
type member struct {
	*mesh.Mesh
	name   string
	meshID string
	// remotes are the cluster IDs of which it has a remote secret.
	remotes map[string]bool
	// primary says that a control plane runs there.
	primary bool
}

func newMember(s *snapshot.Snapshot) *member {
	m := &member{Mesh: mesh.Of(s), name: s.Cluster, remotes: map[string]bool{}, primary: len(s.ControlPlanes) > 0}
	if m.primary {
		m.meshID = m.Config.GetDefaultConfig().GetMeshId()
	}
	for _, secret := range s.Secrets {
		if secret.Namespace == m.Root && secret.Labels[snapshot.RemoteLabel] == "true" {
			for id := range secret.Data {
				m.remotes[id] = true
			}
		}
	}
	return m
}

// network is the name of the network that the cluster's pods are on, "" for
// none: the label of the namespace counts for endpoints, the value of the
// injector for proxies.
func (m *member) network() string {
	if ns := m.Space(m.Root); ns != nil && ns.Labels[networkLabel] != "" {
		return ns.Labels[networkLabel]
	}
	return m.Identity.Network
}

// controllers are the IDs of the clusters whose control planes are this one's.
func (m *member) controllers() []string {
	if ns := m.Space(m.Root); ns != nil {
		return strings.FieldsFunc(ns.Annotations[controlledBy], func(r rune) bool { return r == ',' || r == ' ' })
	}
	return nil
}

// trusted are the fingerprints of the roots that proxies are handed.
func (m *member) trusted() []string {
	out := map[string]bool{}
	for _, c := range m.RootCerts {
		if c.Namespace != m.Root {
			continue
		}
		for block, rest := pem.Decode([]byte(c.Data["root-cert.pem"])); block != nil; block, rest = pem.Decode(rest) {
			sum := sha256.Sum256(block.Bytes)
			out[hex.EncodeToString(sum[:])] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// blind says why the cluster's mesh cannot be told.
func (m *member) blind() []string {
	for _, part := range []snapshot.Part{snapshot.ControlPlanes, snapshot.Identities, snapshot.Secrets} {
		if ok, why := m.Has(part); !ok {
			return []string{m.name + ": " + why}
		}
	}
	return nil
}

// uid is what tells a cluster from others, whatever address it is reached at.
func (m *member) uid() types.UID {
	if ns := m.Space("kube-system"); ns != nil {
		return ns.UID
	}
	return ""
}
