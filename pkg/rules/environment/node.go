package environment

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
)

// tolerations are those of a pod with what its controller adds: the pods of a
// DaemonSet stay on nodes that are not well.
func tolerations(w *workload) []corev1.Toleration {
	out := w.pod.Spec.Tolerations
	if !w.isDaemonSet() {
		return out
	}
	always := []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable, corev1.TaintNodeDiskPressure,
		corev1.TaintNodeMemoryPressure, corev1.TaintNodePIDPressure, corev1.TaintNodeUnschedulable}
	if w.pod.Spec.HostNetwork {
		always = append(always, corev1.TaintNodeNetworkUnavailable)
	}
	for _, key := range always {
		out = append(out[:len(out):len(out)], corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists})
	}
	return out
}

// untolerated is the first taint of a node that keeps the pods away; nil where
// none does.
func untolerated(node *corev1.Node, tolerated []corev1.Toleration) *corev1.Taint {
	for i := range node.Spec.Taints {
		taint := &node.Spec.Taints[i]
		if taint.Effect == corev1.TaintEffectPreferNoSchedule {
			continue
		}
		if !toleratesTaint(tolerated, taint) {
			return taint
		}
	}
	return nil
}

func toleratesTaint(tolerated []corev1.Toleration, taint *corev1.Taint) bool {
	for i := range tolerated {
		if tolerated[i].ToleratesTaint(klog.Logger{}, taint, false) {
			return true
		}
	}
	return false
}

// selects says whether a workload's node selector and required affinity take a
// node. A term that cannot be parsed takes none, as in the scheduler.
func selects(w *workload, node *corev1.Node) bool {
	ok, err := nodeaffinity.NewRequiredNodeAffinity(w.pod.Spec.NodeSelector, w.pod.Spec.Affinity).Match(node)
	return ok && err == nil
}

// homes are the nodes on which a DaemonSet runs a pod.
func homes(w *workload, nodes []*corev1.Node) []*corev1.Node {
	var out []*corev1.Node
	tolerated := tolerations(w)
	for _, n := range nodes {
		if selects(w, n) && untolerated(n, tolerated) == nil {
			out = append(out, n)
		}
	}
	return out
}
