package kubelet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const (
	// firstBackoff and lastBackoff bound the wait before a restart. A kubelet
	// waits from 10 seconds to 5 minutes; nobody rehearses that long.
	firstBackoff = time.Second
	lastBackoff  = 30 * time.Second
	// retry is how long to wait for something a pod refers to.
	retry = 2 * time.Second
	// gracePeriod is how long a process may take to end. istiod's own drain is
	// for proxies, of which there are none.
	gracePeriod = time.Second
)

// worker runs one pod.
type worker struct {
	runner *Runner
	pod    *corev1.Pod
	main   *corev1.Container
	ip     string
	host   string // the address of the pod's node
	dir    string

	done   chan struct{} // closed when the worker has ended
	ending chan struct{} // closed when the pod is being deleted
	once   sync.Once

	mu      sync.Mutex
	process *process // nil while none runs
	ports   map[int]int

	status containerStatus // what the pod's status says, owned by run
}

func newWorker(r *Runner, pod *corev1.Pod, ip string) *worker {
	return &worker{
		runner: r, pod: pod, main: mainContainer(pod), ip: ip,
		dir:    filepath.Join(r.Dir, string(pod.UID)),
		done:   make(chan struct{}),
		ending: make(chan struct{}),
	}
}

// mainContainer is the one that runs istiod: "discovery" in Istio's charts.
func mainContainer(pod *corev1.Pod) *corev1.Container {
	for i := range pod.Spec.Containers {
		if pod.Spec.Containers[i].Name == "discovery" {
			return &pod.Spec.Containers[i]
		}
	}
	return &pod.Spec.Containers[0]
}

func (w *worker) component() string { return "istiod " + w.pod.Namespace + "/" + w.pod.Name }

func (w *worker) logFile() string {
	return filepath.Join(w.runner.Logs, fmt.Sprintf("istiod-%s-%s.log", w.pod.Namespace, w.pod.Name))
}

// run keeps the pod's process going until the pod is deleted.
func (w *worker) run(ctx context.Context) {
	defer close(w.done)
	w.status = containerStatus{waiting: "ContainerCreating"}
	w.host = w.hostIP(ctx)
	w.report("starting")
	backoff := firstBackoff
	for !w.ended(ctx) {
		began := time.Now()
		p, err := w.attempt(ctx)
		if w.ended(ctx) {
			break
		}
		if err != nil {
			w.explain(ctx, err)
			w.sleep(ctx, retry)
			continue
		}
		if time.Since(began) > 10*lastBackoff {
			backoff = firstBackoff
		}
		w.crashed(ctx, p, backoff)
		w.sleep(ctx, backoff)
		backoff = min(2*backoff, lastBackoff)
	}
	w.finish(ctx)
}

// problem is why a container can't be started, as a kubelet would name it.
type problem struct {
	state  string // reason of the waiting state
	reason string // reason of the event
	err    error
}

func (p *problem) Error() string { return p.err.Error() }

// explain shows a problem in the pod's status and as an event.
func (w *worker) explain(ctx context.Context, err error) {
	p := &problem{state: "CreateContainerError", reason: "Failed", err: err}
	errors.As(err, &p)
	w.status.waiting, w.status.message = p.state, p.err.Error()
	w.runner.events.Event(w.pod, corev1.EventTypeWarning, p.reason, p.err.Error())
	w.report("failed")
	w.publish(ctx)
}

// attempt starts the process and follows it to its end.
func (w *worker) attempt(ctx context.Context) (*process, error) {
	w.publish(ctx)
	p, ports, err := w.launch(ctx)
	if err != nil {
		return nil, err
	}
	w.setProcess(p, ports)
	w.event("Created", "created the process of container %s", w.main.Name)
	w.event("Started", "started istiod as process %d", p.pid())
	w.status.running, w.status.startedAt = true, metav1.Now()
	w.status.waiting, w.status.message = "", ""
	w.report("starting")
	w.publish(ctx)
	w.follow(ctx, p)
	w.setProcess(nil, nil)
	return p, nil
}

// launch prepares everything that the container needs, and starts it.
func (w *worker) launch(ctx context.Context) (*process, map[int]int, error) {
	if err := pull(w.main.Image); err != nil {
		return nil, nil, err
	}
	if err := w.mountVolumes(ctx); err != nil {
		return nil, nil, &problem{"ContainerCreating", "FailedMount", err}
	}
	if err := w.renewToken(ctx); err != nil {
		return nil, nil, &problem{"ContainerCreating", "FailedMount", err}
	}
	env, err := w.environment(ctx)
	if err != nil {
		return nil, nil, &problem{"CreateContainerConfigError", "Failed", err}
	}
	args, ports, err := arguments(w.expandArgs(env), w.kubeconfig())
	if err != nil {
		return nil, nil, &problem{"CreateContainerError", "Failed", err}
	}
	p, err := w.runner.spawner.start(w.runner.Binary, args, env.list(), w.dir, w.logFile())
	if err != nil {
		return nil, nil, &problem{"RunContainerError", "Failed", err}
	}
	return p, ports, nil
}

// follow probes the process until it ends or the pod is deleted.
func (w *worker) follow(ctx context.Context, p *process) {
	probe := time.NewTimer(0)
	token := time.NewTicker(tokenRenewal)
	defer probe.Stop()
	defer token.Stop()
	for {
		select {
		case <-p.exited:
			return
		case <-w.ending:
			p.stop(gracePeriod)
			return
		case <-ctx.Done():
			p.stop(gracePeriod)
			return
		case <-token.C:
			if err := w.renewToken(ctx); err != nil {
				w.runner.events.Event(w.pod, corev1.EventTypeWarning, "FailedMount", err.Error())
			}
		case <-probe.C:
			probe.Reset(w.probe(ctx))
		}
	}
}

// crashed records that the process ended by itself.
func (w *worker) crashed(ctx context.Context, p *process, backoff time.Duration) {
	code, signal := p.exit()
	w.status.last = &corev1.ContainerStateTerminated{
		ExitCode: code, Signal: signal, Reason: exitReason(code),
		StartedAt: w.status.startedAt, FinishedAt: metav1.Now(),
		Message: lastLines(w.logFile()),
	}
	w.status.running, w.status.ready = false, false
	w.status.restarts++
	w.status.waiting = "CrashLoopBackOff"
	w.status.message = fmt.Sprintf("back-off %s restarting container %s: exit code %d", backoff, w.main.Name, code)
	w.runner.events.Event(w.pod, corev1.EventTypeWarning, "BackOff", w.status.message)
	w.report("failed")
	w.publish(ctx)
}

// finish completes the deletion, as a kubelet does once the process is gone.
func (w *worker) finish(ctx context.Context) {
	w.removeDir()
	if ctx.Err() != nil {
		return
	}
	w.event("Killing", "stopped container %s", w.main.Name)
	_ = w.runner.Client.CoreV1().Pods(w.pod.Namespace).Delete(ctx, w.pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: ptr.To[int64](0),
		Preconditions:      metav1.NewUIDPreconditions(string(w.pod.UID)),
	})
}

// end asks the worker to stop its process and finish.
func (w *worker) end() { w.once.Do(func() { close(w.ending) }) }

func (w *worker) ended(ctx context.Context) bool {
	select {
	case <-w.ending:
		return true
	default:
		return ctx.Err() != nil
	}
}

func (w *worker) sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.ending:
	case <-ctx.Done():
	}
}

func (w *worker) event(reason, format string, args ...any) {
	w.runner.events.Eventf(w.pod, corev1.EventTypeNormal, reason, format, args...)
}
