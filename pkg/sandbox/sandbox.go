package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// dirPrefix begins the names of private directories in the temporary one.
	dirPrefix = "meshctl-sandbox-"
	// stopLimit is how long a sandbox may take to stop before it is killed; it
	// gives itself less.
	stopLimit = 6 * time.Second
)

// Sandbox is a running sandbox that ends with the calling process.
type Sandbox struct {
	dir     string
	audit   bool
	process *process

	once    sync.Once
	stopErr error
}

// Start runs a sandbox and returns when it is ready. If it can't be, or when ctx
// is done first, nothing stays behind; the error then is a *BinaryError, a
// *StartError or wraps that of ctx. Whoever calls Start must call Stop.
func Start(ctx context.Context, opts Options) (*Sandbox, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	dir := opts.Dir
	if dir == "" {
		// Only the sandbox itself makes the directory: whoever kills us in this
		// moment leaves nothing behind. Leftovers of others go first.
		Sweep()
		dir = filepath.Join(os.TempDir(), dirPrefix+rand.Text()[:10])
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("resolving %s: %w", dir, err)
	}
	process, err := launch(opts, dir, false)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{dir: dir, audit: !opts.NoAudit, process: process}
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// await returns when the sandbox is ready, has ended, or ctx is done.
func (s *Sandbox) await(ctx context.Context) error {
	select {
	case <-s.process.ready:
		return nil
	case <-s.process.done:
		return s.process.failure(s.dir)
	case <-ctx.Done():
		return fmt.Errorf("starting the sandbox: %w", ctx.Err())
	}
}

// Dir is the private directory; it is gone after Stop.
func (s *Sandbox) Dir() string { return s.dir }

// Kubeconfig is the path of a kubeconfig for a cluster administrator.
func (s *Sandbox) Kubeconfig() string { return filepath.Join(s.dir, "kubeconfig") }

// AuditLog is the path of the API server's audit log, one JSON event of level
// Metadata a line, or empty if there is none.
func (s *Sandbox) AuditLog() string {
	if !s.audit {
		return ""
	}
	return filepath.Join(s.dir, "audit.log")
}

// Done is closed when the sandbox has ended, for instance because it crashed.
func (s *Sandbox) Done() <-chan struct{} { return s.process.done }

// Status reads what the sandbox says about itself.
func (s *Sandbox) Status() (*Status, error) { return readStatus(s.dir) }

// Stop ends the sandbox and waits for it. One that doesn't stop within a few
// seconds, or before ctx is done, is killed with all its children. The private
// directory is removed in any case. Further calls return the same error.
func (s *Sandbox) Stop(ctx context.Context) error {
	s.once.Do(func() { s.stopErr = s.stop(ctx) })
	return s.stopErr
}

func (s *Sandbox) stop(ctx context.Context) error {
	_ = s.process.stdin.Close() // the sandbox takes it as the order to stop
	var late error
	select {
	case <-s.process.done:
	case <-time.After(stopLimit):
		late = fmt.Errorf("the sandbox did not stop within %s and was killed", stopLimit)
	case <-ctx.Done():
		late = fmt.Errorf("the sandbox was killed: %w", ctx.Err())
	}
	if late != nil {
		killGroup(s.process.cmd.Process.Pid)
		<-s.process.done
	}
	return errors.Join(late, removeDir(s.dir))
}

// removeDir removes a directory in which a dying process may still create a
// file.
func removeDir(dir string) error {
	var err error
	for range 50 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("removing the sandbox's directory: %w", err)
}

func readStatus(dir string) (*Status, error) {
	data, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil {
		return nil, fmt.Errorf("reading the sandbox's state: %w", err)
	}
	var status Status
	if err := json.Unmarshal(data, &status); err != nil {
		return nil, fmt.Errorf("reading the sandbox's state: %w", err)
	}
	return &status, nil
}

func supervisorLog(dir string) string { return filepath.Join(dir, "logs", "supervisor.log") }
