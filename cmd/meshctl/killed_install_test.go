package main

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"testing"
)

// TestKilledInstall kills meshctl at every write of an installation, before or
// after the API server got it, and wants the next run to come to the same
// state as one that was never killed.
func TestKilledInstall(t *testing.T) {
	b := simulated(t)
	p := b.startProxy(t)
	files := []string{writeFile(t, "before.yaml", gatewaysBefore), writeFile(t, "after.yaml", gatewaysAfter)}
	var want [2]map[string]string
	for i, file := range files {
		b.meshctl("install", "-f", file, "-y").wants(t, exitOK)
		want[i] = b.lastingDump(t)
	}
	b.meshctl("install", "-f", files[0], "-y").wants(t, exitOK)
	if diff := same(want[0], b.lastingDump(t)); diff != "" {
		t.Fatalf("the way there (-) and back (+) differ:\n%s", diff)
	}
	target := 1
	for n := 1; ; n++ {
		for _, after := range []bool{n%2 == 0, n%2 == 1} { // there and back
			killed := p.kill(t, n, after, "install", "-f", files[target], "-y", "--ignore", "PLT,CNI,VAL")
			if !killed {
				t.Logf("%d writes", n-1)
				t.Run("uninstall", func(t *testing.T) { b.killedUninstall(t, p, files[0]) })
				return
			}
			if n == 5 {
				b.meshctl("verify", "--select", "POST030").wants(t, exitFindings, "did not come to its end; meshctl install goes on with it", "1 error")
			}
			b.meshctl("install", "-f", files[target], "-y").wants(t, exitOK)
			if n == 5 {
				b.meshctl("verify", "--select", "POST030", "--fail-on", "info").wants(t, exitOK)
			}
			if diff := same(want[target], b.lastingDump(t)); diff != "" {
				t.Fatalf("killed at write %d: wanted (-) and found (+) differ:\n%s", n, diff)
			}
			target = 1 - target
		}
	}
}

// killedUninstall kills uninstall after every object that it deletes, each run
// going on from the one before, and wants as little to be left as by a run
// that was never killed.
func (b *box) killedUninstall(t *testing.T, p *faultProxy, file string) {
	b.meshctl("uninstall", "-y").wants(t, exitOK)
	want := b.lastingDump(t)
	b.meshctl("install", "-f", file, "-y").wants(t, exitOK)
	runs := 0
	for after := false; p.kill(t, 2, after, "uninstall", "-y"); after = true { // the first write is the record's
		if runs++; runs == 2 {
			b.meshctl("verify", "--select", "POST030").wants(t, exitFindings, "uninstall")
		}
	}
	t.Logf("%d runs were killed", runs)
	if runs < 5 {
		t.Errorf("only %d runs were killed", runs)
	}
	if diff := same(want, b.lastingDump(t)); diff != "" {
		t.Errorf("wanted (-) and found (+) differ:\n%s", diff)
	}
	b.meshctl("uninstall", "-y").wants(t, exitFindings, "nothing is installed in")
}

// lastingDump is a dump without the addresses that each new Service gets.
func (b *box) lastingDump(t *testing.T) map[string]string {
	t.Helper()
	out := b.dump(t)
	for key, text := range out {
		out[key] = clusterAddress.ReplaceAllString(text, "address")
	}
	return out
}

var clusterAddress = regexp.MustCompile(`10\.96\.[0-9.]+`)

// kill runs the built program through the proxy and kills it at its n-th
// write; false if it ended before.
func (p *faultProxy) kill(t *testing.T, n int, after bool, args ...string) bool {
	t.Helper()
	cmd := exec.Command(builtBinary(t, "meshctl"), append(args, "--kubeconfig", p.kubeconfig)...)
	p.inject(func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		if after {
			forward.ServeHTTP(httptest.NewRecorder(), r)
		}
		_ = cmd.Process.Kill() // SIGKILL; it may be dead already
	}, nthWrite(n), all)
	defer p.clear()
	out, err := cmd.CombinedOutput()
	_, injected := p.count()
	if injected == 0 && err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return injected > 0
}
