package kubelet

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/proto"
)

// containerStatus is what the container with istiod does now.
type containerStatus struct {
	running   bool
	ready     bool
	waiting   string // reason, while it isn't running
	message   string
	startedAt metav1.Time
	restarts  int32
	last      *corev1.ContainerStateTerminated

	wasReady  bool // what was published last, and since when it holds
	changedAt metav1.Time
}

// publish writes the pod's status to the API server. A failure is left to the
// next change: this runs inside the process that serves the API.
func (w *worker) publish(ctx context.Context) {
	patch := map[string]any{
		"metadata": map[string]any{"uid": w.pod.UID}, // refuse to touch a successor of the same name
		"status":   statusPatch{PodStatus: w.podStatus(), Conditions: w.conditions()},
	}
	data, err := json.Marshal(patch)
	if err == nil {
		_, err = w.runner.Client.CoreV1().Pods(w.pod.Namespace).Patch(ctx, w.pod.Name,
			types.StrategicMergePatchType, data, metav1.PatchOptions{}, "status")
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "publishing the status of %s/%s: %v\n", w.pod.Namespace, w.pod.Name, err)
	}
}

func (w *worker) podStatus() corev1.PodStatus {
	status := corev1.PodStatus{
		Phase:   corev1.PodPending,
		HostIP:  w.host,
		HostIPs: []corev1.HostIP{{IP: w.host}},
		PodIP:   w.ip,
		PodIPs:  []corev1.PodIP{{IP: w.ip}},
	}
	if w.status.running || w.status.restarts > 0 {
		status.Phase = corev1.PodRunning
	}
	started := w.pod.CreationTimestamp
	status.StartTime = &started
	for i := range w.pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, w.containerStatus(&w.pod.Spec.Containers[i]))
	}
	for _, c := range w.pod.Spec.InitContainers {
		status.InitContainerStatuses = append(status.InitContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: c.Image, Ready: true,
			State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: started, FinishedAt: started}},
		})
	}
	return status
}

// statusPatch is a pod's status with conditions that can take back a reason.
type statusPatch struct {
	corev1.PodStatus
	Conditions []condition `json:"conditions"`
}

// condition is a corev1.PodCondition whose empty fields are written as null: a
// strategic merge would otherwise keep the reason of an earlier time.
type condition struct {
	Type               corev1.PodConditionType `json:"type"`
	Status             corev1.ConditionStatus  `json:"status"`
	Reason             *string                 `json:"reason"`
	Message            *string                 `json:"message"`
	LastTransitionTime metav1.Time             `json:"lastTransitionTime"`
}

func (w *worker) conditions() []condition {
	if w.status.ready != w.status.wasReady || w.status.changedAt.IsZero() {
		w.status.wasReady, w.status.changedAt = w.status.ready, metav1.Now()
	}
	initialized := condition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue, LastTransitionTime: w.pod.CreationTimestamp}
	containers := condition{Type: corev1.ContainersReady, Status: corev1.ConditionTrue, LastTransitionTime: w.status.changedAt}
	if !w.status.ready {
		containers.Status = corev1.ConditionFalse
		containers.Reason = ptr.To("ContainersNotReady")
		containers.Message = ptr.To(fmt.Sprintf("containers with unready status: [%s]: %s", w.main.Name, w.status.message))
	}
	ready := containers
	ready.Type = corev1.PodReady
	return []condition{initialized, containers, ready}
}

func (w *worker) containerStatus(c *corev1.Container) corev1.ContainerStatus {
	s := corev1.ContainerStatus{Name: c.Name, Image: c.Image, ImageID: c.Image}
	started := w.status.running
	if c != w.main {
		s.Ready, s.Started = true, ptr.To(true)
		s.State.Running = &corev1.ContainerStateRunning{StartedAt: w.pod.CreationTimestamp}
		return s
	}
	s.Ready, s.Started, s.RestartCount = w.status.ready, &started, w.status.restarts
	s.LastTerminationState.Terminated = w.status.last
	if w.status.running {
		s.State.Running = &corev1.ContainerStateRunning{StartedAt: w.status.startedAt}
	} else {
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: w.status.waiting, Message: w.status.message}
	}
	return s
}

// report tells the supervisor what the process does now.
func (w *worker) report(state string) {
	c := proto.Component{Name: w.component(), State: state, Log: w.logFile(), Message: w.status.message}
	w.mu.Lock()
	if w.process != nil {
		c.PID = w.process.pid()
	}
	if local, ok := w.ports[15012]; ok {
		c.Address = fmt.Sprintf("127.0.0.1:%d", local)
	}
	w.mu.Unlock()
	w.runner.Report(c)
}
