package kube

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestPodReason wants what a kubelet or the scheduler says about a pod in one
// sentence.
func TestPodReason(t *testing.T) {
	waiting := func(reason, message string) corev1.PodStatus {
		return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{
			Name: "discovery", Image: "docker.io/istio/pilot:nope",
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
		}}}
	}
	crashing := waiting("CrashLoopBackOff", "back-off 10s")
	crashing.ContainerStatuses[0].RestartCount = 3
	crashing.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, Message: "starting\nerror: no root certificate\n"}
	unready := corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ContainersNotReady"}}}
	for name, c := range map[string]struct {
		status corev1.PodStatus
		want   string
	}{
		"image without message":    {waiting("ErrImagePull", "rpc error: code = NotFound"), "container discovery: ErrImagePull of docker.io/istio/pilot:nope (rpc error: code = NotFound)"},
		"image named by message":   {waiting("ImagePullBackOff", `Back-off pulling image "docker.io/istio/pilot:nope"`), `container discovery: ImagePullBackOff (Back-off pulling image "docker.io/istio/pilot:nope")`},
		"crash":                    {crashing, "container discovery: CrashLoopBackOff (back-off 10s), last exit code 1 after 3 restarts: error: no root certificate"},
		"starting":                 {waiting("ContainerCreating", ""), "Pending"},
		"not ready by its probe":   {unready, "Running: ContainersNotReady"},
		"nothing known":            {corev1.PodStatus{Phase: corev1.PodPending}, "Pending"},
		"done, as a job's pod is":  {corev1.PodStatus{Phase: corev1.PodSucceeded}, ""},
		"ready, whatever it waits": {corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}, ""},
	} {
		if got := podReason(&corev1.Pod{Status: c.status}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	now := metav1.Now()
	if got := podReason(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &now}, Status: crashing}); got != "" {
		t.Errorf("a pod that goes is to blame: %q", got)
	}
}

// TestNewestFirst wants an update that fails to be told, not what it replaces.
func TestNewestFirst(t *testing.T) {
	pod := func(name string, at int64) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.Unix(at, 0)}}
	}
	pods := []corev1.Pod{pod("old", 1), pod("new", 3), pod("between", 2)}
	newestFirst(pods)
	if pods[0].Name != "new" || pods[2].Name != "old" {
		t.Errorf("%s first, %s last", pods[0].Name, pods[2].Name)
	}
}
