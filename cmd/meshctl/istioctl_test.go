package main

import (
	"os"
	"os/exec"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// istioctl runs the real program on the sandbox.
func (b *box) istioctl(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(builtBinary(t, "istioctl"), append(args, "--kubeconfig", b.Kubeconfig())...)
	cmd.Env = append(os.Environ(), "AUTO_GKE_DETECTION=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("istioctl %q: %v\n%s", args, err, out)
	}
}

// TestIstioctlContinues wants meshctl and istioctl to see the same
// installation, whoever made it: istioctl upgrades and uninstalls what meshctl
// installed, and meshctl finds nothing to say about what istioctl installed.
func TestIstioctlContinues(t *testing.T) {
	release := []string{"-y", "--set", "hub=docker.io/istio", "--set", "tag=1.31.0"}
	for _, profile := range []string{"default", "ambient"} {
		t.Run(profile, func(t *testing.T) {
			b := startSandbox(t)
			set := []string{"--set", "profile=" + profile}
			b.meshctl(append([]string{"install", "-y"}, set...)...).wants(t, exitOK)
			b.istioctl(t, append(append([]string{"upgrade"}, release...), set...)...)
			b.meshctl(append([]string{"verify", "--fail-on", "info"}, set...)...).wants(t, exitOK)
			b.istioctl(t, "uninstall", "--purge", "-y")
			left, err := b.client().AppsV1().Deployments("istio-system").List(t.Context(), metav1.ListOptions{})
			if err != nil || len(left.Items) > 0 {
				t.Fatalf("after istioctl uninstall: %v, %v", left, err)
			}
			b.istioctl(t, append(append([]string{"install"}, release...), set...)...)
			b.meshctl(append([]string{"plan"}, set...)...).wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
			b.meshctl(append([]string{"verify", "--fail-on", "info"}, set...)...).wants(t, exitOK)
		})
	}
}
