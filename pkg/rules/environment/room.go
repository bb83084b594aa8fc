package environment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	scheduling "k8s.io/component-helpers/scheduling/corev1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// room is what one node has left for pods.
type room struct {
	node *corev1.Node
	free corev1.ResourceList
}

// tenant is a pod that runs on a node.
type tenant struct {
	node     string
	priority int32
	takes    corev1.ResourceList
	of       snapshot.Key // its Deployment or DaemonSet, if it has one
}

// tenants are the pods that hold their requests on nodes, each counted once.
func tenants(pods []*corev1.Pod) []tenant {
	var out []tenant
	for _, pod := range pods {
		if pod.Spec.NodeName != "" && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed {
			out = append(out, tenant{pod.Spec.NodeName, scheduling.PodPriority(pod), withPod(requests(pod)), workloadOf(pod)})
		}
	}
	return out
}

// workloadOf names the Deployment or DaemonSet of a pod. The ReplicaSet of a
// Deployment is called after it and the hash of its template.
func workloadOf(pod *corev1.Pod) snapshot.Key {
	for _, o := range pod.OwnerReferences {
		key := snapshot.Key{Group: "apps", Kind: o.Kind, Namespace: pod.Namespace, Name: o.Name}
		if name, ok := strings.CutSuffix(o.Name, "-"+pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey]); ok && o.Kind == "ReplicaSet" {
			key.Kind, key.Name = "Deployment", name
		}
		if key.Kind == "Deployment" || key.Kind == "DaemonSet" {
			return key
		}
	}
	return snapshot.Key{}
}

// without leaves out the pods of one workload.
func without(all []tenant, key snapshot.Key) []tenant {
	return slices.DeleteFunc(slices.Clone(all), func(t tenant) bool { return t.of == key })
}

// withPod adds the place of the pod itself, of which a node has a number too.
func withPod(list corev1.ResourceList) corev1.ResourceList {
	list[corev1.ResourcePods] = one()
	return list
}

// rooms is what nodes have left beside the pods that may not be put out for
// one of this priority.
func rooms(nodes []*corev1.Node, all []tenant, priority int32) []*room {
	byName := map[string]*room{}
	var out []*room
	for _, n := range nodes {
		r := &room{n, n.Status.Allocatable.DeepCopy()}
		byName[n.Name] = r
		out = append(out, r)
	}
	for _, t := range all {
		if r := byName[t.node]; r != nil && t.priority >= priority {
			r.take(t.takes)
		}
	}
	return out
}

func (r *room) take(what corev1.ResourceList) {
	for name, q := range what {
		left := r.free[name]
		left.Sub(q)
		r.free[name] = left
	}
}

// lacks names the resources of which the room has too little.
func (r *room) lacks(what corev1.ResourceList) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(what)) {
		want, have := what[name], r.free[name]
		switch {
		case want.Sign() <= 0 || want.Cmp(have) <= 0:
		case name == corev1.ResourcePods:
			out = append(out, "too many pods")
		default:
			out = append(out, "insufficient "+string(name))
		}
	}
	return out
}

// obstacles are why a workload's pod cannot go to a node, in the order in
// which the scheduler looks; nil where it can.
func (r *room) obstacles(w *workload, tolerated []corev1.Toleration, takes corev1.ResourceList) []string {
	unschedulable := &corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}
	if r.node.Spec.Unschedulable && !toleratesTaint(tolerated, unschedulable) {
		return []string{"unschedulable"}
	}
	if taint := untolerated(r.node, tolerated); taint != nil {
		return []string{"with taint " + taint.ToString()}
	}
	if !selects(w, r.node) {
		return []string{"not selected by its node selector or affinity"}
	}
	return r.lacks(takes)
}

// tally counts reasons, the most frequent first.
type tally map[string]int

func (t tally) add(reasons []string) {
	for _, r := range reasons {
		t[r]++
	}
}

func (t tally) String() string {
	keys := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		if t[a] != t[b] {
			return t[b] - t[a]
		}
		return strings.Compare(a, b)
	})
	var out []string
	for i, key := range keys {
		if i == 4 {
			out = append(out, fmt.Sprintf("and %d more reasons", len(keys)-i))
			break
		}
		out = append(out, fmt.Sprintf("%d %s", t[key], key))
	}
	return strings.Join(out, ", ")
}

// asks prints what a pod asks for.
func asks(takes corev1.ResourceList) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(takes)) {
		if q := takes[name]; name != corev1.ResourcePods && q.Sign() > 0 {
			out = append(out, string(name)+" "+q.String())
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}
