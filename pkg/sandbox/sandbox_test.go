//go:build unix

package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestStartServesARealAPI(t *testing.T) {
	mark := isolate(t)
	var events atomic.Int32
	s := start(t, Options{Nodes: 2, Progress: func(Event) { events.Add(1) }})
	a := newAPI(t, s.Kubeconfig())

	var version struct{ Major, Minor, GitVersion string }
	if err := json.Unmarshal([]byte(a.do(t, "GET", "/version", "")), &version); err != nil {
		t.Fatal(err)
	}
	if version.Major != "1" || version.GitVersion == "" || strings.HasPrefix(version.GitVersion, "v0.0.0") {
		t.Errorf("version is not stamped: %+v", version)
	}
	if n := strings.Count(a.do(t, "GET", "/api/v1/nodes", ""), `"providerID"`); n != 2 {
		t.Errorf("%d nodes, want 2", n)
	}
	a.do(t, "GET", "/api/v1/namespaces/default/serviceaccounts/default", "")

	status, err := s.Status()
	if err != nil {
		t.Fatal(err)
	}
	if !status.Ready || status.PID == 0 || len(status.Components) < 5 || status.Versions["kubernetes"] != version.GitVersion {
		t.Errorf("status: %+v", status)
	}
	audit, err := os.ReadFile(s.AuditLog())
	if err != nil || !strings.Contains(string(audit), `"/api/v1/nodes"`) {
		t.Errorf("the request is not in the audit log: %v", err)
	}
	if info, err := os.Stat(s.Kubeconfig()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v %v", info.Mode(), err)
	}
	if events.Load() < 5 {
		t.Errorf("only %d events", events.Load())
	}

	began := time.Now()
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("stopped in %s", time.Since(began))
	expectNothing(t, mark, time.Second)
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("stopping twice: %v", err)
	}
}

// podYAML is an istiod pod as far as the sandbox cares.
const istiodPod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%","labels":{"app":"istiod"}},
 "spec":{"containers":[{"name":"discovery","image":"pilot","args":["discovery"],
 "env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}]}}`

// runIstiod makes an istiod pod and returns its process.
func runIstiod(t *testing.T, s *Sandbox, a *api, name string) (pid int) {
	t.Helper()
	a.do(t, "POST", "/api/v1/namespaces/default/pods", strings.Replace(istiodPod, "%", name, 1))
	eventually(t, "the pod "+name+" has a process", 20*time.Second, func() bool {
		pid = istiodPID(t, s, name)
		return pid != 0
	})
	return pid
}

func istiodPID(t *testing.T, s *Sandbox, name string) int {
	t.Helper()
	status, err := s.Status()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range status.Components {
		if c.Name == "istiod default/"+name {
			return c.PID
		}
	}
	return 0
}

func TestIstiodPodsAreProcesses(t *testing.T) {
	mark := isolate(t)
	s := start(t, Options{Nodes: 1})
	a := newAPI(t, s.Kubeconfig())
	one, two := runIstiod(t, s, a, "one"), runIstiod(t, s, a, "two")
	if one == two || !alive(t, mark, one) || !alive(t, mark, two) {
		t.Fatalf("processes %d and %d", one, two)
	}

	if err := syscall.Kill(one, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a killed istiod is restarted", 20*time.Second, func() bool {
		again := istiodPID(t, s, "one")
		return again != 0 && again != one
	})
	pod := a.do(t, "GET", "/api/v1/namespaces/default/pods/one", "")
	if !strings.Contains(pod, `"restartCount": 1`) && !strings.Contains(pod, `"restartCount":1`) {
		t.Errorf("the restart is not in the status: %s", pod)
	}

	a.do(t, "DELETE", "/api/v1/namespaces/default/pods/two", "")
	eventually(t, "the process of a deleted pod ends", 10*time.Second, func() bool { return !alive(t, mark, two) })
	eventually(t, "the deletion finishes", 10*time.Second, func() bool {
		return !strings.Contains(a.do(t, "GET", "/api/v1/namespaces/default/pods", ""), `"name":"two"`)
	})
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	expectNothing(t, mark, time.Second)
}

func TestSupervisorKilled(t *testing.T) {
	mark := isolate(t)
	s := start(t, Options{Nodes: 1})
	a := newAPI(t, s.Kubeconfig())
	istiod := runIstiod(t, s, a, "orphan")
	status, err := s.Status()
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(status.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	eventually(t, "istiod ends with its supervisor", 5*time.Second, func() bool { return !alive(t, mark, istiod) })
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	expectNothing(t, mark, time.Second)
}

func TestStopIsNotHeldUpByAHungSandbox(t *testing.T) {
	mark := isolate(t)
	s := start(t, Options{Nodes: 1})
	status, err := s.Status()
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(status.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := s.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	expectNothing(t, mark, time.Second)
}

func TestCancelledWhileStarting(t *testing.T) {
	mark := isolate(t)
	for _, after := range []time.Duration{0, 300 * time.Millisecond, 1500 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, Options{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: got %v, %v", after, s, err)
		}
		expectNothing(t, mark, time.Second)
	}
}

func TestStartFailureIsExplained(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir})
	var failed *StartError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("got %v", err)
	}
}
