package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
)

// Ready says by kstatus whether an object is what its spec asks for, and if
// not, in the object's own words why.
func Ready(o *unstructured.Unstructured) (ok bool, why string, err error) {
	if o.GetDeletionTimestamp() != nil {
		return false, heldBy(o), nil
	}
	// A daemon set that wants no pod is done as soon as its controller has
	// seen it; kstatus waits for a first pod.
	if o.GetKind() == "DaemonSet" && wantsNoPod(o) {
		return true, "", nil
	}
	res, err := status.Compute(o)
	if err != nil {
		return false, "", fmt.Errorf("judging %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	// A Service of type LoadBalancer waits for an address that many
	// clusters never give; the installation works without.
	if o.GetKind() == "Service" {
		return true, "", nil
	}
	return res.Status == status.CurrentStatus, res.Message, nil
}

// heldBy says what keeps an object that is being deleted from going.
func heldBy(o *unstructured.Unstructured) string {
	if held := o.GetFinalizers(); len(held) > 0 {
		return "is being deleted and waits for its finalizers " + strings.Join(held, ", ")
	}
	return "is being deleted"
}

func wantsNoPod(o *unstructured.Unstructured) bool {
	seen, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	desired, found, _ := unstructured.NestedInt64(o.Object, "status", "desiredNumberScheduled")
	return found && desired == 0 && seen >= o.GetGeneration()
}

// Cause explains why a workload is not ready: the pod that is worst off, the
// reason its container or the scheduler gives, and the last warning event.
// It returns "" where the cluster has nothing to say.
func (c *Client) Cause(ctx context.Context, o *unstructured.Unstructured) string {
	selector, found, _ := unstructured.NestedStringMap(o.Object, "spec", "selector", "matchLabels")
	if !found {
		return ""
	}
	list, err := c.typed.CoreV1().Pods(o.GetNamespace()).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(&metav1.LabelSelector{MatchLabels: selector})})
	if err != nil {
		return "its pods could not be listed: " + Message(err)
	}
	pods := c.owned(ctx, o, list.Items)
	newestFirst(pods)
	for i := range pods {
		pod := &pods[i]
		if reason := podReason(pod); reason != "" {
			return joinCause("pod "+pod.Name+": "+reason, c.lastWarning(ctx, pod.Namespace, "Pod", pod.Name))
		}
	}
	if len(pods) == 0 {
		return c.withoutPods(ctx, o)
	}
	return replicaFailure(o)
}

// owned leaves out pods that the selector takes and others made, such as those
// of a second gateway with the same labels. Where replica sets cannot be read,
// all stay.
func (c *Client) owned(ctx context.Context, o *unstructured.Unstructured, pods []corev1.Pod) []corev1.Pod {
	if o.GetKind() != "Deployment" {
		return pods
	}
	sets, err := c.typed.AppsV1().ReplicaSets(o.GetNamespace()).List(ctx, metav1.ListOptions{})
	if err != nil {
		return pods
	}
	made := map[types.UID]bool{}
	for i := range sets.Items {
		made[sets.Items[i].UID] = metav1.IsControlledBy(&sets.Items[i], o)
	}
	return slices.DeleteFunc(pods, func(p corev1.Pod) bool {
		by := metav1.GetControllerOf(&p)
		return by == nil || !made[by.UID]
	})
}

// replicaFailure is why an update's pods are not made while the old ones run.
func replicaFailure(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if m, ok := c.(map[string]any); ok && m["type"] == "ReplicaFailure" && m["status"] == "True" {
			return fmt.Sprintf("a pod was not created: %v: %v", m["reason"], m["message"])
		}
	}
	return ""
}

// newestFirst puts what an update brings before what it replaces.
func newestFirst(pods []corev1.Pod) {
	slices.SortStableFunc(pods, func(a, b corev1.Pod) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
}

// withoutPods looks one step up: what refuses to make pods, such as a quota,
// says so in the events of the ReplicaSet or of the workload itself.
func (c *Client) withoutPods(ctx context.Context, o *unstructured.Unstructured) string {
	sets, err := c.typed.AppsV1().ReplicaSets(o.GetNamespace()).List(ctx, metav1.ListOptions{})
	if err == nil {
		for _, rs := range sets.Items {
			if slices.ContainsFunc(rs.OwnerReferences, func(r metav1.OwnerReference) bool { return r.UID == o.GetUID() }) {
				if event := c.lastWarning(ctx, rs.Namespace, "ReplicaSet", rs.Name); event != "" {
					return "no pod was created: replica set " + rs.Name + ": " + event
				}
			}
		}
	}
	return joinCause("no pod was created", c.lastWarning(ctx, o.GetNamespace(), o.GetKind(), o.GetName()))
}

// An event that says nothing else is not told twice.
func joinCause(cause, event string) string {
	_, message, _ := strings.Cut(event, ": ")
	if event == "" || message != "" && strings.Contains(cause, message) {
		return cause
	}
	return cause + "; last event: " + event
}

// podReason is why a pod is not ready, or "" if it is or has no answer.
func podReason(pod *corev1.Pod) string {
	if podReady(pod) || pod.Status.Phase == corev1.PodSucceeded || pod.DeletionTimestamp != nil {
		return ""
	}
	statuses := slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses)
	for _, s := range statuses {
		if w := s.State.Waiting; w != nil && w.Reason != "PodInitializing" && w.Reason != "ContainerCreating" {
			return detail("container "+s.Name, w.Reason+ofImage(s, w), w.Message) + lastExit(s)
		}
		if t := s.State.Terminated; t != nil && t.ExitCode != 0 {
			return detail("container "+s.Name, fmt.Sprintf("%s, exit code %d", t.Reason, t.ExitCode), t.Message)
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Status == corev1.ConditionFalse && condition.Reason != "" {
			return detail(string(pod.Status.Phase), condition.Reason, condition.Message)
		}
	}
	return string(pod.Status.Phase)
}

func podReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func detail(what, reason, message string) string {
	text := what + ": " + reason
	if message != "" {
		text += " (" + strings.TrimSpace(message) + ")"
	}
	return text
}

// ofImage names the image that cannot be had, where the message does not: what
// a kubelet writes there depends on the container runtime.
func ofImage(s corev1.ContainerStatus, w *corev1.ContainerStateWaiting) string {
	if !strings.Contains(w.Reason, "Image") || s.Image == "" || strings.Contains(w.Message, s.Image) {
		return ""
	}
	return " of " + s.Image
}

func lastExit(s corev1.ContainerStatus) string {
	t := s.LastTerminationState.Terminated
	if t == nil {
		return ""
	}
	text := fmt.Sprintf(", last exit code %d after %d restarts", t.ExitCode, s.RestartCount)
	// The message may be the end of the log, whose last line is the error.
	lines := strings.Split(strings.TrimSpace(t.Message), "\n")
	if last := lines[len(lines)-1]; last != "" {
		text += ": " + last
	}
	return text
}

// lastWarning is the newest Warning event about an object, "" if none.
func (c *Client) lastWarning(ctx context.Context, namespace, kind, name string) string {
	selector := fields.Set{"involvedObject.kind": kind, "involvedObject.name": name, "type": corev1.EventTypeWarning}
	list, err := c.typed.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: selector.String()})
	if err != nil || len(list.Items) == 0 {
		return ""
	}
	last := slices.MaxFunc(list.Items, func(a, b corev1.Event) int { return cmp.Compare(eventTime(a), eventTime(b)) })
	return last.Reason + ": " + strings.TrimSpace(last.Message)
}

func eventTime(e corev1.Event) int64 {
	switch {
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.UnixNano()
	case !e.EventTime.IsZero():
		return e.EventTime.UnixNano()
	default:
		return e.CreationTimestamp.UnixNano()
	}
}
