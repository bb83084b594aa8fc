package traffic

import (
	"maps"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// endpoints says whether a service has workloads with labels, as far as the
// picture tells: what stands behind a service without selector it does not.
func endpoints(m *mesh.Mesh, s *mesh.Service, wanted map[string]string) (has, known bool) {
	var selector map[string]string
	switch {
	case s.Kubernetes != nil:
		selector = s.Kubernetes.Spec.Selector
	case s.Entry.Spec.GetWorkloadSelector() != nil:
		selector = s.Entry.Spec.GetWorkloadSelector().GetLabels()
	default:
		for _, e := range s.Entry.Spec.GetEndpoints() {
			if mesh.Has(e.GetLabels(), wanted) {
				return true, true
			}
		}
		return false, len(s.Entry.Spec.GetEndpoints()) > 0
	}
	if len(selector) == 0 {
		return false, false
	}
	both := maps.Clone(selector)
	for k, v := range wanted {
		if have, ok := both[k]; ok && have != v {
			return false, true
		}
		both[k] = v
	}
	has = len(m.First(s.Namespace, both, 1)) > 0 || machines(m, s.Namespace, both)
	return has, has || m.MadeByOther(s.Namespace, both) == ""
}

// machines says whether a WorkloadEntry or WorkloadGroup has the labels.
func machines(m *mesh.Mesh, namespace string, wanted map[string]string) bool {
	return anyMachine(m, namespace, func(labels map[string]string) bool { return mesh.Has(labels, wanted) })
}

func anyMachine(m *mesh.Mesh, namespace string, is func(labels map[string]string) bool) bool {
	for _, labels := range machinesOf(m)[namespace] {
		if is(labels) {
			return true
		}
	}
	return false
}

// machineLabels are the labels of WorkloadEntries and WorkloadGroups by
// namespace.
type machineLabels map[string][]map[string]string

func machinesOf(m *mesh.Mesh) machineLabels {
	return snapshot.Derived(m.Snapshot, func(s *snapshot.Snapshot) machineLabels {
		out := machineLabels{}
		for _, e := range s.WorkloadEntries {
			labels := maps.Clone(e.Labels)
			if labels == nil {
				labels = map[string]string{}
			}
			maps.Copy(labels, e.Spec.GetLabels())
			out[e.Namespace] = append(out[e.Namespace], labels)
		}
		for _, g := range s.WorkloadGroups {
			labels := maps.Clone(g.Spec.GetMetadata().GetLabels())
			if labels == nil {
				labels = map[string]string{}
			}
			maps.Copy(labels, g.Spec.GetTemplate().GetLabels())
			out[g.Namespace] = append(out[g.Namespace], labels)
		}
		return out
	})
}
