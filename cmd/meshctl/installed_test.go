package main

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestInstalledByIstioctl wants meshctl to read back what istioctl installed,
// to find what was changed since, and to judge nothing that it cannot know.
func TestInstalledByIstioctl(t *testing.T) {
	b := startSandbox(t)
	release := []string{"install", "-y", "--set", "hub=docker.io/istio", "--set", "tag=1.31.0"}
	b.istioctl(t, append(release, "-f", writeFile(t, "istio.yaml", customOperator+`  components:
    ingressGateways:
    - {name: shop-gateway, enabled: true, label: {app: shop-gateway, istio: shop}}
`))...)
	before := len(b.writes())
	b.meshctl("verify", "--fail-on", "warning").wants(t, exitOK, "of revision default (istioctl, Istio 1.31.0)", "proxyv2:1.31.0-distroless")
	b.meshctl("plan").wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
	b.meshctl("install", "-y").wants(t, exitFindings, "was installed by istioctl, which does not keep all that it was given; name its file with -f")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("verify, plan and install without a file wrote: %q", w)
	}
	t.Run("drift", func(t *testing.T) {
		b.spoil(t, `{"spec":{"template":{"spec":{"containers":[{"name":"discovery","env":[{"name":"PILOT_PUSH_THROTTLE","value":"50"}]}]}}}}`)
		if err := b.client().CoreV1().ConfigMaps("istio-system").Delete(t.Context(), "istio", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		b.meshctl("verify").wants(t, exitFindings, "ConfigMap/istio-system/istio is missing", "Deployment/istio-system/istiod was changed", `"50"`, `"90"`)
		b.meshctl("plan").wants(t, exitFindings, "50 → 90", "`meshctl install` applies it with -f and the file that istioctl was given")
	})
	t.Run("settings that are stored nowhere", func(t *testing.T) {
		b.istioctl(t, append(release, "-f", writeFile(t, "istio.yaml", customOperator+`  components:
    pilot:
      k8s:
        podAnnotations: {example.com/team: mesh}
        overlays:
        - kind: Deployment
          name: istiod
          patches:
          - {path: "spec.template.spec.containers.[name:discovery].image", value: registry.example.com/pilot:1.31.0}
          - {path: spec.revisionHistoryLimit, value: 3}
`))...)
		b.meshctl("verify", "--fail-on", "warning").wants(t, exitOK, "POST001 objects-as-rendered: skipped", "which components.*.k8s may have set")
		b.meshctl("plan").wants(t, exitOK, "= Deployment/istio-system/istiod", "left out, because it may have been installed so: ", "0 to create, 0 to change, 0 to delete")
		b.spoil(t, `{"spec":{"template":{"spec":{"containers":[{"name":"discovery","image":"registry.example.com/pilot:1.30.0"}]}}}}`)
		b.meshctl("verify", "--select", "POST001").wants(t, exitFindings, "runs image registry.example.com/pilot:1.30.0")
	})
	t.Run("uninstall", func(t *testing.T) {
		b.meshctl("uninstall", "-y").wants(t, exitOK, "removed IstioOperator/istio-system/installed-state of revision default")
		if left := b.signed(t); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	})
}

func (b *box) spoil(t *testing.T, patch string) {
	t.Helper()
	if _, err := b.client().AppsV1().Deployments("istio-system").Patch(t.Context(), "istiod", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}
