package access

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// guarded knows what enforces policies, asked once for each selector.
type guarded struct {
	*mesh.Mesh
	known map[string]bool
}

// only says whether sidecars alone enforce a policy: all its workloads are seen
// to have one, and none is a gateway.
func (g *guarded) only(policy *mesh.Authorization) bool {
	wanted := policy.Spec.GetSelector().GetMatchLabels()
	key := fmt.Sprint(policy.Namespace, wanted)
	only, done := g.known[key]
	if !done {
		list := g.Select(policy.Namespace, wanted)
		only = len(list) > 0 && !slices.ContainsFunc(list, func(w *mesh.Workload) bool { return g.IsEdge(w) || g.HasSidecar(w) != mesh.Yes })
		g.known[key] = only
	}
	return only
}
