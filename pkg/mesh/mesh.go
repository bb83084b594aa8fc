// Package mesh answers what rules ask about the configuration of a mesh: which
// services and workloads there are, who sees them, and what a name means in a
// namespace. Everything is indexed once for a snapshot and shared; no answer
// takes time with the size of the mesh.
package mesh

import (
	"strings"

	meshconfig "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Domain is the cluster's DNS domain, unless the mesh is told another.
const Domain = "cluster.local"

// Mesh is a snapshot with indexes.
type Mesh struct {
	*snapshot.Snapshot
	// Config is the mesh config with Istio's defaults; Told says whether
	// anything of it was seen.
	Config *meshconfig.MeshConfig
	Told   bool
	// Root is the namespace whose rules hold for the whole mesh.
	Root string
	// Domain is the cluster's DNS domain.
	Domain string

	registry  registry
	workloads workloads
	spaces    spaces
	peers     peers
	sidecars  sidecars
	names     names
}

// Of returns the indexes of a snapshot.
func Of(s *snapshot.Snapshot) *Mesh { return snapshot.Derived(s, build) }

func build(s *snapshot.Snapshot) *Mesh {
	m := &Mesh{Snapshot: s, Domain: Domain}
	m.Config, m.Told = settings(s)
	m.Root = m.Config.GetRootNamespace()
	m.spaces = newSpaces(m)
	m.registry = newRegistry(m)
	m.workloads = newWorkloads(m)
	m.peers = newPeers(m)
	m.sidecars = newSidecars(m)
	m.names = newNames(m)
	return m
}

// FQDN completes a short name with the namespace of the object that it stands
// in, as istiod does (ResolveShortnameToFQDN). A name with a dot is complete.
func (m *Mesh) FQDN(host, namespace string) string {
	if host == "" || host == "*" || strings.ContainsAny(host, ".:") {
		return host
	}
	return host + "." + namespace + ".svc." + m.Domain
}

// Split takes the full name of a Kubernetes service apart.
func (m *Mesh) Split(host string) (name, namespace string, ok bool) {
	rest, ok := strings.CutSuffix(host, ".svc."+m.Domain)
	if !ok {
		return "", "", false
	}
	name, namespace, ok = strings.Cut(rest, ".")
	return name, namespace, ok && name != "" && !strings.Contains(namespace, ".")
}
