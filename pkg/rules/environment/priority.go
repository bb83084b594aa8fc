package environment

import (
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func priorityClass() *rule.Rule {
	return &rule.Rule{
		ID: "PRE017", Name: "priority-class", Category: "Nodes", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.PriorityClasses},
		Summary: "A workload names a priority class that the cluster does not have.",
		Why:     "The API server refuses the pods, and the installation waits for them in vain; only events of the ReplicaSet or DaemonSet say why.",
		Fix:     "Create the PriorityClass first, or name one that is there.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, w := range workloads(p) {
				name := w.pod.Spec.PriorityClassName
				if name == "" {
					continue
				}
				looked++
				if _, ok := classes(p)[name]; !ok {
					p.Reportf(w.key, "priorityClassName %s names no priority class of the cluster, so that its pods are refused; create it, or name another one", name)
				}
			}
			p.Lookedf("%s with a priority class", finding.Count(looked, "workload"))
		},
	}
}

// classes are the priority classes by name: the cluster's, those of the
// installation, and the two that every API server brings.
func classes(p *rule.Pass) map[string]int32 {
	out := map[string]int32{"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
	for _, c := range p.PriorityClasses {
		out[c.Name] = c.Value
	}
	for _, m := range p.Rendered {
		if m.Object.GetKind() == "PriorityClass" {
			value, _ := m.Object.Object["value"].(int64)
			out[m.Object.GetName()] = int32(value)
		}
	}
	return out
}

// priority is what a pod gets: its class's, or the cluster's default. One that
// puts no other pod out counts as the lowest.
func (s *scheduler) priority(pod *corev1.Pod) int32 {
	value := int32(0)
	for _, c := range s.PriorityClasses {
		if c.Name == pod.Spec.PriorityClassName || pod.Spec.PriorityClassName == "" && c.GlobalDefault {
			value = c.Value
			if never(c) {
				return lowest
			}
		}
	}
	if value == 0 {
		value = classes(s.Pass)[pod.Spec.PriorityClassName]
	}
	return value
}

func never(c *schedulingv1.PriorityClass) bool {
	return c.PreemptionPolicy != nil && *c.PreemptionPolicy == corev1.PreemptNever
}

// hasHardRules says whether pods beside it decide where a pod may go.
func hasHardRules(pod *corev1.Pod) bool {
	for _, c := range pod.Spec.TopologySpreadConstraints {
		if c.WhenUnsatisfiable == corev1.DoNotSchedule {
			return true
		}
	}
	a := pod.Spec.Affinity
	if a == nil {
		return false
	}
	return a.PodAffinity != nil && len(a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0 ||
		a.PodAntiAffinity != nil && len(a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0
}

func ownedBy(pod *corev1.Pod, kind, name string) bool {
	for _, o := range pod.OwnerReferences {
		if o.Kind == kind && o.Name == name {
			return true
		}
	}
	return false
}

// onDemand names the platform where nodes show that pods bring their own.
func onDemand(nodes []*corev1.Node) string {
	for _, n := range nodes {
		if n.Labels["eks.amazonaws.com/compute-type"] == "fargate" {
			return "Fargate"
		}
		if n.Labels["karpenter.sh/nodepool"] != "" {
			return "Karpenter"
		}
	}
	return ""
}
