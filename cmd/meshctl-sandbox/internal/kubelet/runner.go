// Package kubelet is the kubelet of istiod's pods. KWOK makes every other pod
// look as if it ran; these really run, each as a process on the loopback
// interface, and their status is what the process does.
//
// Not everything a kubelet does is needed for that: images are not pulled (the
// process is always the embedded istiod; what no machine could pull fails), init
// containers and sidecars count as done, resource limits and security contexts
// are not enforced, and of the probes only readiness is run.
package kubelet

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/pki"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/proto"
)

// Config is what a Runner needs.
type Config struct {
	Client   kubernetes.Interface
	Selector string // which pods, as a label selector
	Binary   string // what to run
	Dir      string // where each pod gets a directory of its own
	Logs     string
	Server   string // the API server's address
	CA       *pki.Authority
	Report   func(proto.Component) // called when a process starts or changes
	Forget   func(name string)     // called when a pod is gone
}

// Runner runs a process for every selected pod that is bound to a node.
type Runner struct {
	Config
	events  record.EventRecorder
	ctx     context.Context // ends when the runner is stopped
	cancel  context.CancelFunc
	spawner *spawner

	mu      sync.Mutex
	workers map[types.UID]*worker
	nextIP  int
	closed  bool
}

// New makes a runner.
func New(config Config) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{Config: config, ctx: ctx, cancel: cancel, spawner: newSpawner(), workers: map[types.UID]*worker{}}
}

// Start watches for pods until the runner is stopped, and returns once it knows
// those that exist already, or when limit is done.
func (r *Runner) Start(limit context.Context) error {
	ctx := r.ctx
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: r.Client.CoreV1().Events("")})
	r.events = broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet"})
	factory := informers.NewSharedInformerFactoryWithOptions(r.Client, 0, informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.LabelSelector = r.Selector
		o.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
	}))
	informer := factory.Core().V1().Pods().Informer()
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { r.sync(ctx, o) },
		UpdateFunc: func(_, o any) { r.sync(ctx, o) },
		DeleteFunc: r.gone,
	}); err != nil {
		return fmt.Errorf("watching pods: %w", err)
	}
	factory.StartWithContext(ctx)
	if !cache.WaitForCacheSync(limit.Done(), informer.HasSynced) {
		return fmt.Errorf("watching pods: %w", limit.Err())
	}
	return nil
}

// sync starts a worker for a new pod, or tells the worker that it must end.
func (r *Runner) sync(ctx context.Context, o any) {
	pod, ok := o.(*corev1.Pod)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.workers[pod.UID]
	if w == nil && !r.closed {
		r.nextIP++
		w = newWorker(r, pod.DeepCopy(), podIP(r.nextIP))
		r.workers[pod.UID] = w
		go w.run(ctx)
	}
	if w != nil && pod.DeletionTimestamp != nil {
		w.end()
	}
}

// gone ends the worker of a pod that was removed from the API server, for
// instance by force.
func (r *Runner) gone(o any) {
	if tombstone, ok := o.(cache.DeletedFinalStateUnknown); ok {
		o = tombstone.Obj
	}
	pod, ok := o.(*corev1.Pod)
	if !ok {
		return
	}
	r.mu.Lock()
	w := r.workers[pod.UID]
	delete(r.workers, pod.UID)
	r.mu.Unlock()
	if w != nil {
		w.end()
		r.Forget(w.component())
	}
}

// Resolve says where a pod's port can be reached on the loopback interface.
func (r *Runner) Resolve(ip string, port int) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.workers {
		if w.ip != ip {
			continue
		}
		local, ok := w.localPort(port)
		if !ok {
			return "", fmt.Errorf("pod %s/%s runs no process that listens on port %d", w.pod.Namespace, w.pod.Name, port)
		}
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(local)), nil
	}
	return "", fmt.Errorf("no process of the sandbox has the address %s: only istiod's pods really run", ip)
}

// Stop ends all processes and waits for them, at most until ctx is done.
func (r *Runner) Stop(ctx context.Context) error {
	workers := r.close()
	r.cancel()
	for _, w := range workers {
		select {
		case <-w.done:
		case <-ctx.Done():
			r.Kill()
			return fmt.Errorf("stopping istiod: %w", ctx.Err())
		}
	}
	return nil
}

// Kill ends all processes at once and does not wait.
func (r *Runner) Kill() {
	for _, w := range r.close() {
		w.kill()
	}
}

// close takes no more pods and returns those that run.
func (r *Runner) close() []*worker {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	workers := make([]*worker, 0, len(r.workers))
	for _, w := range r.workers {
		workers = append(workers, w)
	}
	return workers
}

// podIP is the address of the i-th pod, in a range that no node hands out.
func podIP(i int) string { return fmt.Sprintf("10.127.%d.%d", i/250, 1+i%250) }
