package kubelet

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// eager is how often an istiod that isn't ready yet is asked; a kubelet would
// keep to the period, and everybody would wait for it.
const eager = 250 * time.Millisecond

// probe runs the readiness probe once, publishes a change, and returns when to
// do it again. Without an httpGet probe a running process counts as ready.
func (w *worker) probe(ctx context.Context) time.Duration {
	err := w.askReadiness(ctx)
	ready := err == nil
	message := ""
	if !ready {
		message = "readiness probe failed: " + err.Error()
	}
	if ready != w.status.ready || message != w.status.message {
		if !ready && w.status.ready {
			w.runner.events.Event(w.pod, corev1.EventTypeWarning, "Unhealthy", message)
		}
		changed := ready != w.status.ready
		w.status.ready, w.status.message = ready, message
		if changed {
			w.report(map[bool]string{true: "ready", false: "starting"}[ready])
		}
		w.publish(ctx)
	}
	if !ready {
		return eager
	}
	if p := w.main.ReadinessProbe; p != nil && p.PeriodSeconds > 0 {
		return time.Duration(p.PeriodSeconds) * time.Second
	}
	return 10 * time.Second
}

func (w *worker) askReadiness(ctx context.Context) error {
	if w.main.ReadinessProbe == nil || w.main.ReadinessProbe.HTTPGet == nil {
		return nil
	}
	get := w.main.ReadinessProbe.HTTPGet
	local, ok := w.localPort(w.probePort(get))
	if !ok {
		return fmt.Errorf("istiod does not listen on port %s", get.Port.String())
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	url := fmt.Sprintf("http://127.0.0.1:%d/%s", local, strings.TrimPrefix(get.Path, "/"))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("port %s does not answer", get.Port.String()) // the local port is of no use to anybody
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	return nil
}

// probePort finds the number of a named port.
func (w *worker) probePort(get *corev1.HTTPGetAction) int {
	if n := get.Port.IntValue(); n != 0 {
		return n
	}
	for _, p := range w.main.Ports {
		if p.Name == get.Port.StrVal {
			return int(p.ContainerPort)
		}
	}
	return 0
}
