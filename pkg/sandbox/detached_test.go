//go:build unix

package sandbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestDetached(t *testing.T) {
	mark := isolate(t)
	dir := filepath.Join(mark, "user", "sandbox")
	t.Cleanup(func() {
		_ = StopDetached(context.Background(), dir)
		os.RemoveAll(filepath.Join(mark, "user"))
	})
	if err := StopDetached(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("stopping nothing: %v", err)
	}
	status, err := StartDetached(t.Context(), Options{Dir: dir, Nodes: 1})
	if err != nil {
		t.Fatal(err)
	}
	newAPI(t, status.Kubeconfig).do(t, "GET", "/readyz", "")
	if _, err := StartDetached(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrRunning) {
		t.Errorf("starting a second one: %v", err)
	}
	again, err := LoadStatus(dir)
	if err != nil || again.PID != status.PID || !again.Ready {
		t.Errorf("status: %+v, %v", again, err)
	}
	if err := StopDetached(t.Context(), dir); err != nil {
		t.Error(err)
	}
	eventually(t, "the process ends", time.Second, func() bool { return !alive(t, mark, status.PID) })
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
}

func TestDetachedStale(t *testing.T) {
	mark := isolate(t)
	dir := filepath.Join(mark, "sandbox")
	status, err := StartDetached(t.Context(), Options{Dir: dir, Nodes: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(status.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lock is released", 5*time.Second, func() bool {
		held, err := locked(lockPath(dir))
		return err == nil && !held
	})
	_, err = LoadStatus(dir)
	var stale *StaleError
	if !errors.As(err, &stale) || !errors.Is(err, ErrNotRunning) || stale.PID != status.PID || stale.StartedAt.IsZero() {
		t.Errorf("got %v", err)
	}
	if _, err := LoadStatus(dir); errors.As(err, &stale) || !errors.Is(err, ErrNotRunning) {
		t.Errorf("the second time: %v", err)
	}
}

// TestDetachedForeignNumber has a state that names a process which isn't the
// sandbox: it must not be touched.
func TestDetachedForeignNumber(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sandbox")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lockPath(dir), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stale *StaleError
	if err := StopDetached(t.Context(), dir); !errors.As(err, &stale) || stale.PID != 1 {
		t.Errorf("got %v", err)
	}
}

func TestDetachedCancelled(t *testing.T) {
	mark := isolate(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := StartDetached(ctx, Options{Dir: filepath.Join(mark, "sandbox")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	expectNothing(t, mark, time.Second)
}
