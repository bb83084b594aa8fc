//go:build unix

package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// leftover makes a private directory with a lock file of a given age.
func leftover(t *testing.T, name string, age time.Duration) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), dirPrefix+name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lockPath(dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-age)
	if err := os.Chtimes(lockPath(dir), then, then); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestSweepRemovesOnlyTheDead(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead := leftover(t, "dead", time.Minute)
	leftover(t, "young", 0)
	held := leftover(t, "held", time.Minute)
	lock, err := os.Open(lockPath(held))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(os.TempDir(), dirPrefix+"foreign", "file")
	if err := os.MkdirAll(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	if removed := Sweep(); !slices.Equal(removed, []string{dead}) {
		t.Errorf("removed %v", removed)
	}
}

func TestMissingBinary(t *testing.T) {
	t.Setenv(binaryVariable, "")
	t.Setenv("PATH", t.TempDir())
	_, err := Start(t.Context(), Options{})
	var missing *BinaryError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "make build") || !strings.Contains(err.Error(), "the PATH") {
		t.Errorf("got %v", err)
	}
	named := filepath.Join(t.TempDir(), "nothing")
	if _, err := Start(t.Context(), Options{Binary: named}); !errors.As(err, &missing) || !slices.Equal(missing.Tried, []string{named}) {
		t.Errorf("got %v", err)
	}
}
