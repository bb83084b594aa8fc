package environment

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// demand is how many pods of a workload the installation adds to what runs.
type demand struct {
	*workload
	pod *corev1.Pod
	// more pods than today have to run for the workload to be ready.
	more int64
	// passing are pods that run beside the old ones until an update is through.
	passing int64
	// update says that the pods are replaced; old is one of them, and kept how
	// many there are.
	update bool
	old    *corev1.Pod
	kept   int64
	// unknown says why more is not known; "" if it is.
	unknown string
}

// today is what runs of a workload.
type today struct {
	template corev1.PodTemplateSpec
	pods     int64
}

// demandOf compares a workload with the one that runs under its name.
func demandOf(p *rule.Pass, w *workload) *demand {
	ranges := inNamespace(p.LimitRanges, w.key.Namespace)
	d := &demand{workload: w, pod: podOf(w.pod, w.key.Namespace, ranges)}
	want := w.replicas
	if w.isDaemonSet() {
		want = int64(len(homes(w, p.Nodes)))
		if ok, why := p.Has(snapshot.Nodes); !ok {
			d.unknown = why
		}
	}
	now := running(p, w.key)
	if now == nil {
		d.more = want
		return d
	}
	d.more = max(0, want-now.pods)
	// What the manifest leaves out, the API server or somebody else fills in.
	d.update = !equality.Semantic.DeepDerivative(w.pod.Spec, now.template.Spec) ||
		!within(w.pod.Annotations, now.template.Annotations) || !within(w.pod.Labels, now.template.Labels)
	if d.update {
		d.old, d.kept = podOf(now.template, w.key.Namespace, ranges), min(now.pods, want)
		d.passing = surge(w, max(want, now.pods))
	}
	return d
}

func within(part, all map[string]string) bool {
	for k, v := range part {
		if all[k] != v {
			return false
		}
	}
	return true
}

func running(p *rule.Pass, key snapshot.Key) *today {
	if key.Kind == "DaemonSet" {
		i := slices.IndexFunc(p.DaemonSets, func(d *appsv1.DaemonSet) bool { return d.Namespace == key.Namespace && d.Name == key.Name })
		if i < 0 {
			return nil
		}
		return &today{p.DaemonSets[i].Spec.Template, int64(p.DaemonSets[i].Status.CurrentNumberScheduled)}
	}
	i := slices.IndexFunc(p.Deployments, func(d *appsv1.Deployment) bool { return d.Namespace == key.Namespace && d.Name == key.Name })
	if i < 0 {
		return nil
	}
	return &today{p.Deployments[i].Spec.Template, int64(p.Deployments[i].Status.Replicas)}
}

// surge is how many pods an update needs beside those that run before it may
// take one of them away; none where it may do so at once.
func surge(w *workload, pods int64) int64 {
	if w.surge == nil {
		return 0
	}
	up, err := intstr.GetScaledValueFromIntOrPercent(w.surge, int(pods), true)
	if err != nil || w.isDaemonSet() && up == 0 {
		return 0
	}
	down := 0
	if w.unavailable != nil {
		down, _ = intstr.GetScaledValueFromIntOrPercent(w.unavailable, int(pods), false)
	}
	if down > 0 {
		return 0
	}
	return int64(min(up, 1))
}

// shortName names a workload in a sentence about its namespace.
func (w *workload) shortName() string { return w.key.Kind + " " + w.key.Name }

// isCompute says whether a quota's resource wants every container to say how
// much of it it takes.
func isCompute(name corev1.ResourceName) bool {
	base := strings.TrimPrefix(strings.TrimPrefix(string(name), "requests."), "limits.")
	return base == string(corev1.ResourceCPU) || base == string(corev1.ResourceMemory)
}
