package main

import (
	"context"
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
	b, err := sandbox.Start(t.Context(), sandbox.Options{Binary: builtBinary(t, "meshctl-sandbox"), NoIstiod: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &box{b, t}
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
	b.meshctl("install", "-f", file, "-y").wants(t, exitOK)
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
	before := len(b.writes())
	stopped := b.meshctl("install", "-f", file, "-y", "-o", "json").wants(t, exitFindings, "PRE041", "nothing was applied").report(t)
	if o := outcome(t, stopped, "PRE041"); o.Outcome != report.Failed || stopped.Summary.Error != 1 || !strings.Contains(message(stopped, "PRE041"), "image of Deployment/istio-system/way-out: kubectl-edit has set another value") {
		t.Errorf("a changed field: %+v, %+v", o, stopped.Findings)
	}
	b.meshctl("install", "-f", file, "-y", "--force").wants(t, exitFindings, "belong to kubectl-edit", "nothing was applied")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("a conflict led to writes: %q", w)
	}
	b.meshctl("install", "-f", file, "-y", "--take-ownership").wants(t, exitOK, "taken over from kubectl-edit")
	d, err := b.client().AppsV1().Deployments("istio-system").Get(t.Context(), "way-out", metav1.GetOptions{})
	if err != nil || strings.Contains(d.Spec.Template.Spec.Containers[0].Image, "other") || d.Annotations["note"] == "" {
		t.Errorf("after --take-ownership: %v, image %s, annotations %v", err, d.Spec.Template.Spec.Containers[0].Image, d.Annotations)
	}

	t.Run("scaled", func(t *testing.T) {
		patch("kubectl", `{"spec":{"replicas":3}}`, "scale")
		b.meshctl("precheck", "-f", file, "--select", "PRE041").wants(t, exitOK, "✔ PRE041")
	})
	t.Run("quota used up", func(t *testing.T) { b.quota(t, file) })
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

// wait asks until something is so.
func wait(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}
