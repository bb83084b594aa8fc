package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/sandbox"
)

// simulated is a sandbox without a real istiod, for tests that need none.
func simulated(t *testing.T) *box {
	t.Helper()
	return startSandboxWith(t, sandbox.Options{NoIstiod: true})
}

// small is an installation of a few objects that needs no istiod: one gateway.
const small = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: small, namespace: istio-system}
spec:
  profile: empty
  components:
    egressGateways:
    - {name: way-out, enabled: true}
`

// TestOwnership changes an installation as other managers do.
func TestOwnership(t *testing.T) {
	b := simulated(t)
	file := writeFile(t, "small.yaml", small)
	t.Run("events", func(t *testing.T) { b.events(t, file) })
	patch := func(manager, what string, subresource ...string) {
		t.Helper()
		_, err := b.client().AppsV1().Deployments("istio-system").Patch(t.Context(), "way-out", types.StrategicMergePatchType,
			[]byte(what), metav1.PatchOptions{FieldManager: manager}, subresource...)
		if err != nil {
			t.Fatal(err)
		}
	}

	patch("kubectl-edit", `{"spec":{"template":{"spec":{"containers":[{"name":"istio-proxy","image":"example.com/proxyv2:other"}]}}}}`)
	patch("kubectl-edit", `{"metadata":{"annotations":{"note":"nobody else sets this"}}}`)
	planned := b.meshctl("plan", "-f", file, "-o", "json").wants(t, exitFindings, `"manager": "kubectl-edit"`, `"path": "spec.template.spec.containers[istio-proxy].image"`)
	follows(t, []byte(meshctl(t, "schema", "plan").wants(t, exitOK).out), planned.out)
	b.meshctl("plan", "-f", file).wants(t, exitFindings, "spec.template.spec.containers[istio-proxy].image: example.com/proxyv2:other → docker.io/istio/proxyv2:1.31.0", "conflict: kubectl-edit has set ", "unless --take-ownership takes them over")
	b.meshctl("plan", "-f", file, "--take-ownership").wants(t, exitFindings, "taken over: kubectl-edit has set ", "`meshctl install` with the same flags applies it")
	before := len(b.writes())
	stopped := b.meshctl("install", "-f", file, "-y", "-o", "json").wants(t, exitFindings, "PRE041", "nothing was applied").report(t)
	if o := outcome(t, stopped, "PRE041"); o.Outcome != report.Failed || stopped.Summary.Error != 1 || !strings.Contains(message(stopped, "PRE041"), "image of Deployment/istio-system/way-out: kubectl-edit has set another value") {
		t.Errorf("a changed field: %+v, %+v", o, stopped.Findings)
	}
	b.meshctl("install", "-f", file, "-y", "--force").wants(t, exitFindings, "belong to kubectl-edit", "nothing was applied")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("a conflict led to writes: %q", w)
	}
	b.meshctl("install", "-f", file, "-y", "--take-ownership").wants(t, exitOK, "taken over: kubectl-edit has set")
	d, err := b.client().AppsV1().Deployments("istio-system").Get(t.Context(), "way-out", metav1.GetOptions{})
	if err != nil || strings.Contains(d.Spec.Template.Spec.Containers[0].Image, "other") || d.Annotations["note"] == "" {
		t.Errorf("after --take-ownership: %v, image %s, annotations %v", err, d.Spec.Template.Spec.Containers[0].Image, d.Annotations)
	}

	t.Run("removed", func(t *testing.T) {
		other := writeFile(t, "other.yaml", strings.ReplaceAll(small, "way-out", "other-way"))
		b.meshctl("plan", "-f", other).wants(t, exitFindings, "- Deployment/istio-system/way-out\n      warning: the traffic through this gateway ends")
		b.meshctl("plan", "-f", other, "-o", "json").wants(t, exitFindings, `"warning": "the traffic through this gateway ends"`)
		b.meshctl("plan", "-f", other, "--color", "always").wants(t, exitFindings, "\x1b[31m-\x1b[0m Deployment/istio-system/way-out")
		b.meshctl("precheck", "-f", other, "--select", "PRE042").wants(t, exitOK, "PRE042 losing-removal", "Deployment/istio-system/way-out is no longer configured and is deleted")
	})
	t.Run("scaled", func(t *testing.T) {
		patch("kubectl", `{"spec":{"replicas":3}}`, "scale")
		b.meshctl("precheck", "-f", file, "--select", "PRE041").wants(t, exitOK, "✔ PRE041")
	})
	t.Run("quota used up", func(t *testing.T) { b.quota(t, file) })
	t.Run("no pods allowed", func(t *testing.T) { b.noPods(t, file) })
	t.Run("daemon sets", b.daemonSets)
	t.Run("limited user", func(t *testing.T) {
		r := b.meshctl("precheck", "-f", file, "--as", "nobody", "-o", "json", "--select", "PRE04")
		if o := outcome(t, r.report(t), "PRE040"); o.Outcome != report.Skipped || !strings.Contains(o.Reason, "you may not write them") {
			t.Errorf("a user without rights: %+v", o)
		}
	})
}

// message is what a rule found first.
func message(rep *report.Report, id string) string {
	for _, f := range rep.Findings {
		if f.Rule == id {
			return f.Message
		}
	}
	return ""
}

// events installs and wants a stream of JSON that ends with the report.
func (b *box) events(t *testing.T, file string) {
	r := b.meshctl("install", "-f", file, "-y", "-o", "events").wants(t, exitOK)
	definition := []byte(meshctl(t, "schema", "events").wants(t, exitOK).out)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	types := map[string]int{}
	for _, line := range lines {
		follows(t, definition, line)
		var e report.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		types[e.Type]++
	}
	if types["stage"] != 3 || types["applied"] < 6 || types["report"] != 1 || !strings.HasPrefix(lines[len(lines)-1], `{"type":"report"`) {
		t.Errorf("events: %v, the last is %.60s", types, lines[len(lines)-1])
	}
	broken := b.meshctl("install", "-f", "missing.yaml", "-y", "-o", "events").wants(t, exitFailed)
	if strings.Count(broken.out, "\n") != 1 || !strings.HasPrefix(broken.out, `{"type":"report"`) {
		t.Errorf("a file that is missing: %s", broken.out)
	}
	b.meshctl("install", "-f", file, "-o", "events=file").wants(t, exitUsage, "goes to standard output")
	b.meshctl("precheck", "-o", "events").wants(t, exitUsage, "unknown output format")
}

// quota wants a refusal that depends on the cluster alone to be found by a dry
// run, before anything is written.
func (b *box) quota(t *testing.T, file string) {
	full := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "full", Namespace: "istio-system"},
		Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/services": {}, "services": {}}}}
	quotas := b.client().CoreV1().ResourceQuotas("istio-system")
	if _, err := quotas.Create(t.Context(), full, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	second := writeFile(t, "second.yaml", strings.ReplaceAll(small, "way-out", "other-way"))
	wait(t, func() bool {
		q, err := quotas.Get(t.Context(), "full", metav1.GetOptions{})
		return err == nil && len(q.Status.Hard) > 0
	})
	before := len(b.writes())
	b.meshctl("install", "-f", second, "-y").wants(t, exitFindings, "the API server refuses Service/istio-system/other-way", "exceeded quota: full", "nothing was applied")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("a refused object led to writes: %q", w)
	}
	if err := quotas.Delete(t.Context(), "full", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// noPods wants the replica set's words where a quota lets no pod be made: for a
// gateway whose labels another one has too, and for an update.
func (b *box) noPods(t *testing.T, first string) {
	quotas := b.client().CoreV1().ResourceQuotas("istio-system")
	if _, err := quotas.Create(t.Context(), &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "none"},
		Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"pods": {}}}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	wait(t, func() bool {
		q, err := quotas.Get(t.Context(), "none", metav1.GetOptions{})
		return err == nil && len(q.Status.Hard) > 0
	})
	file := writeFile(t, "third.yaml", strings.NewReplacer("way-out", "third-way", "name: small", "name: third").Replace(small))
	b.meshctl("install", "-f", file, "-y", "--force", "--timeout", "5s").wants(t, exitFindings,
		"Deployment/istio-system/third-way: no pod was created: replica set third-way-", "FailedCreate", "exceeded quota: none")
	if _, err := b.client().AppsV1().Deployments("istio-system").Patch(t.Context(), "way-out", types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"metadata":{"annotations":{"again":"please"}}}}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	wait(t, func() bool { // the old pods are ready, the new ones are not made
		r := b.meshctl("verify", "-f", first, "--select", "POST001")
		return strings.Contains(r.out, "way-out is not ready: a pod was not created: FailedCreate: ") && strings.Contains(r.out, "exceeded quota: none")
	})
	if err := quotas.Delete(t.Context(), "none", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// daemonSets wants one that has no node to be done, and one whose pods find no
// room to be named with the reason.
func (b *box) daemonSets(t *testing.T) {
	agent := strings.NewReplacer("name: small", "name: agents", "egressGateways:\n    - {name: way-out, enabled: true}", "cni: {enabled: true, k8s: {overlays: [PATCH]}}").Replace(small)
	patched := func(path, value string) string {
		patch := "{kind: DaemonSet, name: istio-cni-node, patches: [{path: \"" + path + "\", value: " + value + "}]}"
		return writeFile(t, "agents.yaml", strings.Replace(agent, "PATCH", patch, 1))
	}
	nowhere := patched("spec.template.spec.nodeSelector", "{pool: none}")
	b.meshctl("install", "-f", nowhere, "-y", "--force", "--timeout", "20s").wants(t, exitOK, "ready: Istio CNI", "installed and verified")
	greedy := patched("spec.template.spec.containers.[name:install-cni].resources.requests.cpu", "400000m")
	b.meshctl("install", "-f", greedy, "-y", "--force", "--timeout", "5s").wants(t, exitFindings,
		"DaemonSet/istio-system/istio-cni-node: pod istio-cni-node-", "Unschedulable", "Insufficient cpu", "stay so")
	b.meshctl("uninstall", "--name", "agents", "-y", "--force").wants(t, exitOK)
}

// wait asks until something is so.
func wait(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}
