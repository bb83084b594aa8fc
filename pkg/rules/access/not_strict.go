package access

import (
	"cmp"
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func notStrict() *rule.Rule {
	return &rule.Rule{
		ID: "SEC001", Name: "not-strict", Category: transit, Severity: finding.Info,
		Stages: analyze(), Needs: append(mesh.WorkloadParts(), snapshot.Namespaces, snapshot.PeerAuthentications),
		Summary: "Neither the mesh nor the namespace asks for mutual TLS.",
		Why:     "PERMISSIVE, the default, takes plain text from anybody who reaches a pod, and policies about identities do not hold for it.",
		Fix:     "When every client is in the mesh, apply a PeerAuthentication with mtls.mode STRICT in the root namespace.",
		Hints:   []string{"C1"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			if mode, _ := m.ModeOf(m.Root); mode == mesh.Strict {
				p.Lookedf("the mesh is STRICT")
				return
			}
			lax := lax(m)
			if len(lax) == 0 {
				p.Lookedf("no namespace of the mesh takes plain text")
				return
			}
			whole, reason := p.Has(snapshot.Whole)
			at := snapshot.Key{Kind: "Namespace", Name: lax[0]}.Location()
			if policy := m.PeerPolicy(m.Root); policy != nil {
				at = snapshot.Place(policy, "spec.mtls.mode")
			} else if !whole {
				p.Undecidedf("%s", reason)
				return
			} else if strangeRoot(m) {
				p.Undecidedf("the root namespace is not known: no mesh config is among the files")
				return
			}
			p.Reportf(at, "no PeerAuthentication makes the mesh STRICT, and in %s %s pods take plain text", namespaces(len(lax)), rule.Some(lax))
		},
	}
}

func namespaces(n int) string {
	if n == 1 {
		return "namespace"
	}
	return "namespaces"
}

// lax are the namespaces with pods of the mesh of which nobody decided that
// they are STRICT, or that they are not.
func lax(m *mesh.Mesh) []string {
	found := map[string]bool{}
	for _, w := range m.Workloads() {
		space := w.Namespace()
		if found[space] || m.IsEdge(w) || m.HasSidecar(w) != mesh.Yes && m.InAmbient(w) != mesh.Yes {
			continue
		}
		if own := m.PeerPolicy(space); own == nil || space == m.Root || own.Spec.GetMtls().GetMode() == mesh.Unset {
			found[space] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), cmp.Compare[string])
}

// strangeRoot says whether a policy of a namespace without pods of the mesh
// may be that of a root namespace that nobody names.
func strangeRoot(m *mesh.Mesh) bool {
	return !m.Told && slices.ContainsFunc(m.PeerAuthentications, func(p *mesh.Peer) bool {
		return m.PeerPolicy(p.Namespace) == p && p.Spec.GetMtls().GetMode() == mesh.Strict && len(m.WorkloadsOf(p.Namespace)) == 0
	})
}
