package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// DetachedDir is where a detached sandbox of this user lives: meshctl/sandbox in
// the user's cache directory.
func DetachedDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache directory: %w", err)
	}
	return filepath.Join(cache, "meshctl", "sandbox"), nil
}

// StartDetached runs a sandbox that outlives the calling process, and returns
// its status when it is ready. It fails with ErrRunning if there is one in the
// same directory; what a dead one left there is removed. If the sandbox doesn't
// get ready, or ctx is done first, nothing stays behind.
func StartDetached(ctx context.Context, opts Options) (*Status, error) {
	dir, err := detachedDir(opts.Dir)
	if err != nil {
		return nil, err
	}
	switch status, err := LoadStatus(dir); {
	case err == nil:
		return nil, fmt.Errorf("%w: process %d in %s", ErrRunning, status.PID, dir)
	case !errors.Is(err, ErrNotRunning):
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, fmt.Errorf("making the sandbox's directory: %w", err)
	}
	process, err := launch(opts, dir, true)
	if err != nil {
		return nil, err
	}
	select {
	case <-process.ready:
		return readStatus(dir)
	case <-process.done:
		return nil, errors.Join(process.failure(dir), removeDir(dir))
	case <-ctx.Done():
		process.terminate()
		return nil, errors.Join(fmt.Errorf("starting the sandbox: %w", ctx.Err()), removeDir(dir))
	}
}

// terminate stops a process of ours that has no pipe to close.
func (p *process) terminate() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		killGroup(p.cmd.Process.Pid)
		<-p.done
	}
}

// LoadStatus returns the status of the detached sandbox in dir; an empty dir
// means DetachedDir. If there is none, the error matches ErrNotRunning; it is a
// *StaleError if one died there, whose directory is then removed.
func LoadStatus(dir string) (*Status, error) {
	dir, err := detachedDir(dir)
	if err != nil {
		return nil, err
	}
	pid, err := holder(dir)
	if err != nil {
		return nil, err
	}
	status, err := readStatus(dir)
	if errors.Is(err, fs.ErrNotExist) {
		// It holds the lock, but it is too young to have written anything.
		return &Status{PID: pid, Dir: dir, Kubeconfig: filepath.Join(dir, "kubeconfig")}, nil
	}
	return status, err
}

// StopDetached ends the detached sandbox in dir and waits until it is gone; an
// empty dir means DetachedDir. One that doesn't stop within a few seconds, or
// before ctx is done, is killed. If none is running, the error is that of
// LoadStatus.
func StopDetached(ctx context.Context, dir string) error {
	dir, err := detachedDir(dir)
	if err != nil {
		return err
	}
	pid, err := holder(dir)
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("finding process %d: %w", pid, err)
	}
	// The process was looked up between two looks at the lock, so it is the one
	// that holds it: where the system has handles for processes, as Linux has,
	// the number can't have passed to another one.
	if again, err := holder(dir); err != nil || again != pid {
		return err
	}
	if err := process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping process %d: %w", pid, err)
	}
	if !released(ctx, dir) {
		killGroup(pid)
		released(context.WithoutCancel(ctx), dir)
	}
	return removeDir(dir)
}

// released waits until nobody holds the lock in dir, or stopLimit or ctx ends.
func released(ctx context.Context, dir string) bool {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	for {
		if held, err := locked(lockPath(dir)); err == nil && !held {
			return true
		}
		select {
		case <-time.After(25 * time.Millisecond):
		case <-ctx.Done():
			return false
		}
	}
}

// holder returns the process that holds the lock in dir. What a dead one left is
// removed.
func holder(dir string) (int, error) {
	if err := supported(); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(lockPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, ErrNotRunning
	}
	if err != nil {
		return 0, fmt.Errorf("reading the sandbox's lock: %w", err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	held, err := locked(lockPath(dir))
	if err != nil {
		return 0, err
	}
	if held && pid > 0 {
		return pid, nil
	}
	if held {
		return 0, fmt.Errorf("the sandbox in %s is just starting", dir)
	}
	stale := &StaleError{Dir: dir, PID: pid}
	if status, err := readStatus(dir); err == nil {
		stale.StartedAt = status.StartedAt
	}
	if err := removeDir(dir); err != nil {
		return 0, err
	}
	return 0, stale
}

func detachedDir(dir string) (string, error) {
	if dir == "" {
		return DetachedDir()
	}
	return filepath.Abs(dir)
}

func lockPath(dir string) string { return filepath.Join(dir, "lock") }
