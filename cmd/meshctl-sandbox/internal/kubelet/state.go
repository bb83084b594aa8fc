package kubelet

import (
	"context"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// setProcess records what runs now and where it listens.
func (w *worker) setProcess(p *process, ports map[int]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process, w.ports = p, ports
}

// localPort translates a port of the pod.
func (w *worker) localPort(port int) (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	local, ok := w.ports[port]
	return local, ok
}

// kill ends the process at once.
func (w *worker) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process != nil {
		w.process.kill()
	}
}

// hostIP is the address of the pod's node, or empty if it can't be read: the
// status is then less complete, nothing more.
func (w *worker) hostIP(ctx context.Context) string {
	node, err := w.runner.Client.CoreV1().Nodes().Get(ctx, w.pod.Spec.NodeName, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	for _, a := range node.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return a.Address
		}
	}
	return ""
}

// exitReason is what a kubelet calls the end of a container.
func exitReason(code int32) string {
	if code == 0 {
		return "Completed"
	}
	return "Error"
}

// lastLines is the end of a log, which a kubelet shows as the message of a
// terminated container when the pod asks for it; here it always helps.
func lastLines(path string) string {
	const lines, limit = 3, 1024
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	text := strings.Join(all[max(0, len(all)-lines):], "\n")
	return text[max(0, len(text)-limit):]
}
