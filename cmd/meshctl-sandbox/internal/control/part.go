// Package control runs etcd and the Kubernetes control plane as goroutines of
// one process, the way k3s does: package initialisation, client-go's caches and
// the Go runtime are then paid for once instead of four times.
package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Files are the places that the control plane's parts share, all of them inside
// the private directory.
type Files struct {
	Dir        string // the private directory, also the working directory
	PKI        string
	Logs       string
	Kubeconfig string
	AuditLog   string // empty: no audit log
}

// Part is a component that runs in goroutines until it is stopped.
type Part struct {
	Name string

	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// errExited tells an end that nobody asked for from an orderly stop.
var errExited = errors.New("stopped by itself")

// start runs f until the part is stopped.
func start(name string, f func(context.Context) error) *Part {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Part{Name: name, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = f(ctx)
		if ctx.Err() != nil {
			p.err = nil
		} else if p.err == nil {
			p.err = errExited
		}
	}()
	return p
}

// Done is closed when the part has ended.
func (p *Part) Done() <-chan struct{} { return p.done }

// Err is why the part ended by itself; valid once Done is closed.
func (p *Part) Err() error { return p.err }

// Stop asks the part to end and waits for it, at most until ctx is done.
func (p *Part) Stop(ctx context.Context) error {
	p.cancel()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopping %s: %w", p.Name, ctx.Err())
	}
}

// poll asks ready every 25 ms until it says yes, the part ends or ctx is done.
// The last error of ready explains a timeout.
func (p *Part) poll(ctx context.Context, ready func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, 25*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		select {
		case <-p.done:
			return false, fmt.Errorf("%s ended while starting: %w", p.Name, p.err)
		default:
		}
		last = ready(ctx)
		return last == nil, nil
	})
	if err != nil && last != nil {
		return fmt.Errorf("waiting for %s: %w (last answer: %w)", p.Name, err, last)
	}
	return err
}

// ClientConfig reads a kubeconfig for use inside this process. Client-side rate
// limits are off: the API server has its own, and there are few of us.
func ClientConfig(kubeconfig, userAgent string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	config.QPS = -1
	config.UserAgent = userAgent
	return config, nil
}
