package environment

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// workload is a rendered Deployment or DaemonSet.
type workload struct {
	key snapshot.Key
	// pod is the template; its namespace is the workload's.
	pod corev1.PodTemplateSpec
	// replicas is how many pods a Deployment starts with: an autoscaler raises
	// it to its minimum at once. A DaemonSet has as many as nodes take it.
	replicas int64
	// surge and unavailable bound a rolling update; both are nil where pods are
	// removed first.
	surge, unavailable *intstr.IntOrString
}

func (w *workload) isDaemonSet() bool { return w.key.Kind == "DaemonSet" }

// workloads are what the installation runs. One that cannot be decoded is
// refused by the API server, which other rules report.
func workloads(p *rule.Pass) []*workload {
	var out []*workload
	for _, m := range p.Rendered {
		if w := decode(m.Object); w != nil {
			out = append(out, w)
		}
	}
	for _, m := range p.Rendered {
		raise(m.Object, out)
	}
	return out
}

func decode(o *unstructured.Unstructured) *workload {
	w := &workload{key: snapshot.KeyOf(o)}
	switch o.GetKind() {
	case "Deployment":
		d := &appsv1.Deployment{}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, d) != nil {
			return nil
		}
		w.pod, w.replicas = d.Spec.Template, 1
		if d.Spec.Replicas != nil {
			w.replicas = int64(*d.Spec.Replicas)
		}
		rolling(w, d)
	case "DaemonSet":
		d := &appsv1.DaemonSet{}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, d) != nil {
			return nil
		}
		w.pod = d.Spec.Template
		if u := d.Spec.UpdateStrategy.RollingUpdate; u != nil && d.Spec.UpdateStrategy.Type != appsv1.OnDeleteDaemonSetStrategyType {
			w.surge, w.unavailable = u.MaxSurge, u.MaxUnavailable
		}
	default:
		return nil
	}
	w.pod.Namespace = w.key.Namespace
	return w
}

// rolling takes the bounds of a Deployment's update, or the API server's
// defaults.
func rolling(w *workload, d *appsv1.Deployment) {
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return
	}
	quarter := intstr.FromString("25%")
	w.surge, w.unavailable = &quarter, &quarter
	if u := d.Spec.Strategy.RollingUpdate; u != nil && u.MaxSurge != nil {
		w.surge = u.MaxSurge
	}
	if u := d.Spec.Strategy.RollingUpdate; u != nil && u.MaxUnavailable != nil {
		w.unavailable = u.MaxUnavailable
	}
}

// raise lifts the replicas of a Deployment to the minimum of its autoscaler.
func raise(o *unstructured.Unstructured, all []*workload) {
	hpa := autoscaler(o)
	if hpa == nil || hpa.Spec.MinReplicas == nil {
		return
	}
	target := hpa.Spec.ScaleTargetRef
	i := slices.IndexFunc(all, func(w *workload) bool {
		return w.key.Kind == target.Kind && w.key.Name == target.Name && w.key.Namespace == hpa.Namespace
	})
	if i >= 0 {
		all[i].replicas = max(all[i].replicas, int64(*hpa.Spec.MinReplicas))
	}
}

// autoscaler decodes a rendered HorizontalPodAutoscaler; nil for all else.
func autoscaler(o *unstructured.Unstructured) *autoscalingv2.HorizontalPodAutoscaler {
	if o.GetKind() != "HorizontalPodAutoscaler" {
		return nil
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, hpa) != nil {
		return nil
	}
	return hpa
}
