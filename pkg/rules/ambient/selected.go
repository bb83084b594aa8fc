package ambient

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// selection is what a policy is for.
type selection struct {
	// ambient and others count workloads: in ambient mode, and in no or another.
	ambient, others int
	// example is one of the former; nil where only the namespace is known.
	example *mesh.Workload
}

// selector counts workloads once for each selector.
type selector struct {
	*mesh.Mesh
	known map[string]selection // by namespace and labels
}

func newSelector(m *mesh.Mesh) *selector { return &selector{m, map[string]selection{}} }

// of counts the workloads that labels select in a namespace, in the root
// namespace those of the mesh. A namespace in ambient mode whose workloads are
// not seen is taken for one of them.
func (s *selector) of(namespace string, wanted map[string]string) selection {
	key := namespace + "/" + labels.Set(wanted).String()
	out, ok := s.known[key]
	if !ok {
		out = s.judge(namespace, wanted)
		s.known[key] = out
	}
	return out
}

func (s *selector) judge(namespace string, wanted map[string]string) selection {
	if len(wanted) > 0 {
		return s.count(s.Select(namespace, wanted))
	}
	list := s.WorkloadsOf(namespace)
	if namespace == s.Root {
		list = s.Workloads()
	}
	out := s.count(list)
	if ns := s.Space(namespace); len(list) == 0 && ns != nil && ns.Labels[mesh.DataplaneLabel] == "ambient" {
		out.ambient++
	}
	return out
}

func (s *selector) count(list []*mesh.Workload) (out selection) {
	for _, w := range list {
		if s.InAmbient(w) == mesh.Yes && !s.IsEdge(w) {
			out.ambient++
			if out.example == nil {
				out.example = w
			}
		} else {
			out.others++
		}
	}
	return out
}
