package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilledRehearsal kills `meshctl rehearse` at ten random moments, by
// Ctrl-C's signal and by the one that cannot be caught, and wants no process
// and no file to stay behind.
func TestKilledRehearsal(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	program := builtBinary(t, "meshctl")
	builtBinary(t, "meshctl-sandbox")
	for i := range 10 {
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGKILL}[i%2]
		moment := time.Duration(random.Int64N(int64(9 * time.Second)))
		killed(t, program, sig, moment)
	}
}

func killed(t *testing.T, program string, sig syscall.Signal, moment time.Duration) {
	t.Helper()
	tmp := shortTempDir(t)
	cmd := exec.Command(program, "rehearse")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(moment)
	_ = cmd.Process.Signal(sig) // it may have ended by itself
	_ = cmd.Wait()
	deadline := time.Now().Add(15 * time.Second)
	for {
		files, processes := leftFiles(t, tmp), processesWith(t, tmp)
		if len(files) == 0 && len(processes) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s after %s left files %q and processes %q", sig, moment, files, processes)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// shortTempDir is a directory whose name leaves room for unix sockets.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "mk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func leftFiles(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// processesWith finds processes that were given the directory, in their
// command line or their environment.
func processesWith(t *testing.T, dir string) []string {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range procs {
		cmdline, _ := os.ReadFile(p + "/cmdline") // a process that ended meanwhile has none
		environ, _ := os.ReadFile(p + "/environ")
		if strings.Contains(string(cmdline)+string(environ), dir) {
			out = append(out, strings.ReplaceAll(string(cmdline), "\x00", " "))
		}
	}
	return out
}
