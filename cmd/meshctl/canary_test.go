package main

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestRevision puts a canary beside a default control plane, with namespaces
// labelled as in a real mesh, and wants each to be verified by itself.
func TestRevision(t *testing.T) {
	b := startSandbox(t)
	label := func(ns, label, value string) {
		t.Helper()
		patch := fmt.Sprintf(`{"metadata":{"labels":{%q:%q}}}`, label, value)
		if _, err := b.client().CoreV1().Namespaces().Patch(t.Context(), ns, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, ns := range []string{"shop", "legacy"} {
		if _, err := b.client().CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	label("shop", "istio.io/rev", "canary")
	label("legacy", "istio-injection", "enabled")
	label("default", "istio-injection", "disabled")

	stable := writeFile(t, "stable.yaml", operator+"spec:\n  profile: minimal\n")
	canary := writeFile(t, "canary.yaml", operator+"spec:\n  profile: minimal\n  revision: canary\n  values:\n    global:\n      variant: distroless\n")
	b.meshctl("install", "-f", stable, "-y", "-v").wants(t, exitOK, "a pod in namespace legacy was injected with docker.io/istio/proxyv2:1.31.0")
	b.meshctl("install", "-f", canary, "-y", "-v").wants(t, exitOK, "control plane of revision default runs beside the one to be installed, as in a canary upgrade",
		"a pod in namespace shop was injected with docker.io/istio/proxyv2:1.31.0-distroless")
	b.meshctl("verify", "-f", stable, "--fail-on", "info").wants(t, exitOK, "a pod in namespace legacy was injected with docker.io/istio/proxyv2:1.31.0")
	b.meshctl("verify", "-f", canary, "--fail-on", "info").wants(t, exitOK)
}
