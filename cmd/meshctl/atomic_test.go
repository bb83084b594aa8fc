package main

import (
	"bytes"
	"context"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// gateways is an installation of few objects that needs no istiod. The second
// form creates a gateway, changes a Service and deletes an autoscaler.
const (
	gatewaysBefore = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: gateways, namespace: istio-system}
spec:
  profile: empty
  components:
    egressGateways:
    - {name: way-out, enabled: true}
`
	gatewaysAfter = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: gateways, namespace: istio-system}
spec:
  profile: empty
  components:
    egressGateways:
    - {name: way-out, enabled: true, k8s: {serviceAnnotations: {example.com/note: changed}}}
    - {name: new-way, enabled: true}
  values:
    gateways:
      istio-egressgateway: {autoscaleEnabled: false}
`
)

// nthWrite picks the n-th thing that is written, and every repetition of that
// request. Leases are left alone.
func nthWrite(n int) func(*http.Request) bool {
	seen := map[string]int{}
	return func(r *http.Request) bool {
		if !isWrite(r) || strings.Contains(r.URL.Path, "/leases") {
			return false
		}
		key := r.Method + " " + r.URL.Path
		if seen[key] == 0 {
			seen[key] = len(seen) + 1
		}
		return seen[key] == n
	}
}

// TestAtomic lets every write of an installation fail in turn, and wants the
// cluster to be what it was after each.
func TestAtomic(t *testing.T) {
	b := simulated(t)
	p := b.startProxy(t)
	before, after := writeFile(t, "before.yaml", gatewaysBefore), writeFile(t, "after.yaml", gatewaysAfter)
	t.Run("the first installation", func(t *testing.T) {
		was := b.dump(t)
		p.inject(answer(http.StatusUnprocessableEntity, ""), nthWrite(5), all)
		p.meshctl("install", "-f", before, "-y", "--atomic").wants(t, exitFindings, "everything was put back as it was before")
		if diff := same(was, b.dump(t)); diff != "" {
			t.Errorf("before (-) and after (+) differ:\n%s", diff)
		}
	})
	p.clear()
	p.meshctl("install", "-f", before, "-y").wants(t, exitOK)
	was := b.dump(t)
	put := func(t *testing.T, r result) {
		t.Helper()
		r.wants(t, r.code, "everything was put back as it was before")
		if diff := same(was, b.dump(t)); diff != "" {
			t.Errorf("before (-) and after (+) differ:\n%s\n%s", diff, r.stderr)
		}
		if r.code == exitOK {
			t.Error("a failed installation ended with 0")
		}
	}
	for n := 1; ; n++ {
		p.inject(answer(http.StatusUnprocessableEntity, ""), nthWrite(n), all)
		r := p.meshctl("install", "-f", after, "-y", "--atomic", "--ignore", "PLT,CNI,VAL")
		if _, injected := p.count(); injected == 0 {
			r.wants(t, exitOK)
			t.Logf("an installation of %d writes", n-1)
			if n < 9 {
				t.Errorf("only %d writes", n-1)
			}
			break
		}
		put(t, r)
		if t.Failed() {
			t.Fatalf("at write %d", n)
		}
	}
	p.clear()
	p.meshctl("install", "-f", before, "-y").wants(t, exitOK)
	was = b.dump(t)
	t.Run("connection lost after the write", func(t *testing.T) {
		p.inject(lost, nthWrite(4), all)
		put(t, p.meshctl("install", "-f", after, "-y", "--atomic"))
	})
	t.Run("interrupt", func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		p.inject(func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
			interrupt()
			forward.ServeHTTP(w, r)
		}, nthWrite(4), all)
		var out, stderr bytes.Buffer
		code := run(ctx, []string{"install", "-f", after, "-y", "--atomic", "--kubeconfig", p.kubeconfig}, streams{in: strings.NewReader(""), out: &out, err: &stderr})
		put(t, result{code, out.String(), stderr.String()})
	})
	t.Run("not ready", func(t *testing.T) {
		p.clear()
		never := writeFile(t, "never.yaml", strings.ReplaceAll(gatewaysAfter, "{name: new-way, enabled: true}", "{name: new-way, enabled: true, k8s: {nodeSelector: {pool: none}}}"))
		put(t, p.meshctl("install", "-f", never, "-y", "--force", "--atomic", "--timeout", "2s").wants(t, exitFindings, "Deployment/istio-system/new-way"))
	})
	t.Run("interrupted again", func(t *testing.T) { p.interruptedAgain(t, after) })
	p.clear()
	p.meshctl("install", "-f", before, "-y", "--take-ownership").wants(t, exitOK)
	t.Run("one at a time", func(t *testing.T) { b.lease(t, before, after) })
	p.meshctl("install", "-f", before, "-y").wants(t, exitOK)
	t.Run("what cannot be put back is named", func(t *testing.T) {
		p.inject(answer(http.StatusUnprocessableEntity, ""), func(r *http.Request) bool {
			return isWrite(r) && (strings.HasSuffix(r.URL.Path, "/deployments/new-way") || r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "/serviceaccounts/new-way-service-account"))
		}, all)
		p.meshctl("install", "-f", after, "-y", "--atomic").wants(t, exitFindings, "not everything could be put back", "ServiceAccount/istio-system/new-way-service-account: was created and is still there")
	})
}

// interruptedAgain sends the program a signal before anything is written, then
// one while it writes and one while it puts back: each time it has to end, and
// to say what is left.
func (p *faultProxy) interruptedAgain(t *testing.T, file string) {
	var cmd *exec.Cmd
	var stderr bytes.Buffer
	start := func(extra ...string) error {
		stderr.Reset()
		cmd = exec.Command(builtBinary(t, "meshctl"), append(extra, "install", "-f", file, "-y", "--atomic", "--ignore", "PLT,CNI,VAL", "--kubeconfig", p.kubeconfig)...)
		cmd.Stderr = &stderr
		return cmd.Run()
	}
	says := func(what string, texts ...string) {
		t.Helper()
		if cmd.ProcessState.ExitCode() != exitFailed {
			t.Errorf("%s: exit code %d", what, cmd.ProcessState.ExitCode())
		}
		for _, text := range texts {
			if !strings.Contains(stderr.String(), text) {
				t.Errorf("%s: output lacks %q:\n%s", what, text, stderr.String())
			}
		}
	}
	interrupt := func(r *http.Request) {
		_ = cmd.Process.Signal(syscall.SIGINT)
		<-r.Context().Done() // the request ends with what sent it
	}
	p.inject(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { interrupt(r) }, isDryRun, only(1))
	_ = start()
	says("before the first write", "interrupted; nothing was applied")
	if strings.Contains(stderr.String(), "putting back") {
		t.Errorf("nothing was there to put back:\n%s", stderr.String())
	}
	back := false
	p.inject(func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		if back {
			interrupt(r)
			return
		}
		forward.ServeHTTP(w, r)
		_ = cmd.Process.Signal(syscall.SIGINT)
		back = true
	}, func(r *http.Request) bool {
		return isWrite(r) && strings.HasSuffix(r.URL.Path, "/services/way-out") || back && (r.Method == http.MethodPut || r.Method == http.MethodDelete) && !strings.Contains(r.URL.Path, "/leases")
	}, all)
	begun := time.Now()
	_ = start()
	says("while putting back", "not everything could be put back; look at:", "Service/istio-system/way-out: is not what it was: putting back was interrupted")
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
}

// lease plays a holder of the lease who lives, and one
// who was forgotten.
func (b *box) lease(t *testing.T, same, file string) {
	leases := b.client().CoordinationV1().Leases("istio-system")
	hold := func(renewed time.Time) {
		t.Helper()
		_ = leases.Delete(t.Context(), leaseName, metav1.DeleteOptions{}) // there may be none
		holder, seconds, at := "meshctl on laptop, process 7", int32(15), metav1.NewMicroTime(renewed)
		_, err := leases.Create(t.Context(), &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: leaseName}, Spec: coordinationv1.LeaseSpec{
			HolderIdentity: &holder, LeaseDurationSeconds: &seconds, AcquireTime: &at, RenewTime: &at,
		}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	hold(time.Now())
	renewing, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for renewing.Err() == nil {
			patch := `{"spec":{"renewTime":"` + time.Now().UTC().Format("2006-01-02T15:04:05.000000Z") + `"}}`
			_, _ = leases.Patch(renewing, leaseName, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
			select {
			case <-renewing.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	before := len(b.writes())
	b.meshctl("install", "-f", file, "-y", "--take-ownership").wants(t, exitFindings, "another installation is running: meshctl on laptop, process 7, since ")
	b.meshctl("install", "-f", same, "-y").wants(t, exitFindings, "nothing to apply", "another installation is running: meshctl on laptop, process 7, since ")
	stop()
	<-done
	for _, w := range b.writes()[before:] {
		if !strings.Contains(w, "/leases/") {
			t.Errorf("a second installation wrote %s", w)
		}
	}
	hold(time.Now().Add(-2 * time.Hour))
	b.meshctl("install", "-f", file, "-y").wants(t, exitOK)
	if _, err := leases.Get(t.Context(), leaseName, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the lease stays: %v", err)
	}
}
