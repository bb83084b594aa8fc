// Package supervisor brings a sandbox up, keeps it, and takes it down again,
// whatever happens to the process that asked for it.
package supervisor

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/control"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/pki"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/proto"
)

const (
	// startLimit is how long everything may take to become ready.
	startLimit = 2 * time.Minute
	// stopLimit is how long an orderly stop may take; the data is thrown away,
	// so whoever is slower is cut off.
	stopLimit = 3 * time.Second
)

// Options say what to serve.
type Options struct {
	Dir        string // private directory; made if missing, removed in the end
	Nodes      int
	Istiod     bool // run a real istiod for each istiod pod
	Audit      bool
	WatchStdin bool // stop when standard input ends
	KeepDir    bool
}

// sandbox is one running sandbox.
type sandbox struct {
	opts   Options
	files  control.Files
	report *proto.Reporter
	lock   *os.File
	ca     *pki.Authority
	server string // the API server's address, https://127.0.0.1:PORT
	client kubernetes.Interface
	gate   gate

	listener net.Listener // the API server's

	mu    sync.Mutex
	parts []running // in the order they were started

	failed chan failure
	fatal  sync.Once
}

// running is a part that can be stopped, and killed when there is no time.
type running struct {
	name string
	stop func(context.Context) error
	kill func()
}

// failure is a component that broke down.
type failure struct {
	component string
	err       error
}

// Serve runs a sandbox until it is told to stop, and reports on out.
func Serve(opts Options, out io.Writer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var opened atomic.Pointer[sandbox]
	watchSignals(cancel, func() { opened.Load().abandon() })
	s, err := open(opts, out)
	if err != nil {
		return err
	}
	opened.Store(s)
	defer s.remove()
	if opts.WatchStdin {
		go watchStdin(os.Stdin, cancel)
	}
	broken := s.boot(ctx)
	if broken == nil && ctx.Err() == nil {
		s.report.Ready()
		broken = s.wait(ctx)
	}
	if ctx.Err() != nil {
		broken = nil // whatever failed now did so because it was told to stop
	}
	if broken != nil {
		s.reportFailure(*broken)
	}
	s.stop()
	if broken != nil {
		return fmt.Errorf("%s: %w", broken.component, broken.err)
	}
	return nil
}

// wait returns when a component breaks down or the sandbox is told to stop.
func (s *sandbox) wait(ctx context.Context) *failure {
	select {
	case f := <-s.failed:
		return &f
	case <-ctx.Done():
		return nil
	}
}

// add remembers a part for the way down and watches it.
func (s *sandbox) add(p *control.Part) {
	s.addStop(running{name: p.Name, stop: p.Stop})
	go func() {
		<-p.Done()
		if err := p.Err(); err != nil {
			s.fail(p.Name, err)
		}
	}()
}

func (s *sandbox) addStop(r running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts = append(s.parts, r)
}

// fail reports that a component broke down; only the first one counts.
func (s *sandbox) fail(component string, err error) {
	select {
	case s.failed <- failure{component, err}:
	default:
	}
}

// stop takes the parts down in reverse order.
func (s *sandbox) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	s.mu.Lock()
	parts := s.parts
	s.parts = nil
	s.mu.Unlock()
	for i := len(parts) - 1; i >= 0; i-- {
		if err := parts[i].stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		s.report.Set(proto.Component{Name: parts[i].name, State: "stopped", PID: os.Getpid()})
	}
}

// abandon ends the process at once: a second signal, or a component that would
// have exited the process. Neither children nor files stay behind.
func (s *sandbox) abandon() {
	if s == nil {
		os.Exit(1) // there is nothing yet
	}
	s.fatal.Do(func() {
		s.mu.Lock()
		parts := s.parts
		s.mu.Unlock()
		for _, p := range parts {
			if p.kill != nil {
				p.kill()
			}
		}
		s.remove()
		os.Exit(1)
	})
	select {} // somebody else is already at it
}

// giveUp is abandon for a component that wants to exit the process.
func (s *sandbox) giveUp(component string) {
	s.reportFailure(failure{component, fmt.Errorf("gave up; see its log")})
	s.abandon()
}

func (s *sandbox) reportFailure(f failure) {
	s.report.Set(proto.Component{Name: f.component, State: "failed", PID: os.Getpid(), Message: f.err.Error()})
	s.report.Error(f.component, f.err, tail(filepath.Join(s.files.Logs, f.component+".log")))
}

// remove deletes the private directory, unless it shall be kept. The lock goes
// last: whoever waits for us watches it.
func (s *sandbox) remove() {
	if s.opts.KeepDir {
		return
	}
	entries, _ := os.ReadDir(s.opts.Dir)
	for _, e := range entries {
		if e.Name() != lockName {
			_ = os.RemoveAll(filepath.Join(s.opts.Dir, e.Name()))
		}
	}
	// A child that is being killed may still create a file.
	for range 20 {
		if err := os.RemoveAll(s.opts.Dir); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
