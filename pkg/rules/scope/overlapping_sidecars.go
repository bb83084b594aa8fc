package scope

import (
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func overlappingSidecars() *rule.Rule {
	return &rule.Rule{
		ID: "SDC007", Name: "overlapping-sidecars", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: workloadParts(snapshot.Sidecars),
		Summary: "Two Sidecars select the same workload.",
		Why:     "istiod takes the oldest that fits, so which hosts the workload reaches depends on the order of creation.",
		Fix:     "Make the selectors disjoint, or merge the two.",
		Hints:   []string{"X6"}, Equivalents: []string{"IST0110", "KIA0003"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			sorted := slices.Clone(p.Sidecars)
			slices.SortFunc(sorted, mesh.Older[*networking.Sidecar])
			c := claims[*networking.Sidecar]{}
			for _, s := range sorted {
				selector := s.Spec.GetWorkloadSelector().GetLabels()
				if len(selector) == 0 {
					continue
				}
				if other, what, ok := c.claim(m, s, s.Namespace, selector); ok {
					p.Reportf(snapshot.Place(s, "spec.workloadSelector"), "%s also selects %s, and only that one counts there; make the selectors disjoint", other.Name, what)
				}
			}
			p.Lookedf("%s with their selectors", finding.Count(len(p.Sidecars), "Sidecar"))
		},
	}
}

// claims remember which object was first to select a workload.
type claims[T any] struct {
	// ambient says that the objects are also for workloads without a sidecar
	// that are in the mesh.
	ambient   bool
	workloads map[*mesh.Workload]T
	selectors map[string]T
}

// claim takes the workloads of a selector for an object, and tells of another
// one that has some of them already. Equal selectors are enough for that.
func (c *claims[T]) claim(m *mesh.Mesh, object T, namespace string, selector map[string]string) (other T, what string, taken bool) {
	if c.workloads == nil {
		c.workloads, c.selectors = map[*mesh.Workload]T{}, map[string]T{}
	}
	key := namespace + "/" + labels.Set(selector).String()
	if other, taken = c.selectors[key]; taken {
		return other, labels.Set(selector).String(), true
	}
	c.selectors[key] = object
	for _, w := range m.Select(namespace, selector) {
		if m.HasSidecar(w) == mesh.No && !(c.ambient && m.InAmbient(w) == mesh.Yes) {
			continue
		}
		if other, taken = c.workloads[w]; taken {
			return other, w.String(), true
		}
		c.workloads[w] = object
	}
	return other, "", false
}
