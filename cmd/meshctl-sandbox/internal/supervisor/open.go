package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/control"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/proto"
)

// lockName is the file in the private directory that we hold a lock on; our
// process number is in it.
const lockName = "lock"

// open makes the private directory, takes its lock and moves into it.
func open(opts Options, out io.Writer) (*sandbox, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("resolving %s: %w", opts.Dir, err)
	}
	opts.Dir = dir
	lock, err := claim(dir)
	if err != nil {
		return nil, err
	}
	files := control.Files{
		Dir:        dir,
		PKI:        filepath.Join(dir, "pki"),
		Logs:       filepath.Join(dir, "logs"),
		Kubeconfig: filepath.Join(dir, "kubeconfig"),
	}
	if opts.Audit {
		files.AuditLog = filepath.Join(dir, "audit.log")
	}
	s := &sandbox{opts: opts, files: files, lock: lock, failed: make(chan failure, 1)}
	if err := s.enter(); err != nil {
		s.remove()
		return nil, err
	}
	s.report = proto.NewReporter(out, filepath.Join(dir, "state.json"), proto.State{
		PID: os.Getpid(), StartedAt: time.Now(), Dir: dir,
		Kubeconfig: files.Kubeconfig, AuditLog: files.AuditLog, Versions: versions(),
	})
	return s, s.report.Update(func(*proto.State) {})
}

// claim makes dir and locks it. The lock tells the living from the dead: it is
// released by the system when this process ends, however it ends.
func claim(dir string) (*os.File, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the private directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the private directory: %w", err)
	}
	for _, e := range entries {
		if e.Name() != lockName {
			return nil, fmt.Errorf("the directory %s is not empty", dir)
		}
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("%s is in use by another sandbox: %w", dir, err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fmt.Errorf("closing the private directory to others: %w", err)
	}
	return lock, nil
}

// enter makes the folders, moves into the directory, because unix sockets are
// named relative to it, and sends what this process prints to a log.
func (s *sandbox) enter() error {
	for _, dir := range []string{s.files.PKI, s.files.Logs} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("making the private directory: %w", err)
		}
	}
	if err := os.Chdir(s.opts.Dir); err != nil {
		return fmt.Errorf("entering the private directory: %w", err)
	}
	return redirectOutput(filepath.Join(s.files.Logs, "supervisor.log"))
}

func versions() map[string]string {
	return map[string]string{
		"kubernetes": control.KubernetesVersion(),
		"etcd":       control.ModuleVersion("go.etcd.io/etcd/server/v3"),
		"kwok":       control.ModuleVersion("sigs.k8s.io/kwok"),
		"istio":      control.ModuleVersion("istio.io/istio"),
	}
}
