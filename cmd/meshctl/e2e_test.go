package main

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/report"
)

// The tests of this package that start a sandbox run the command line against a
// real API server and a real istiod.

// TestDefaultProfile goes the whole way, then breaks the installation piece
// by piece and wants each fault to be found by its rule.
func TestDefaultProfile(t *testing.T) {
	b := startSandbox(t)
	file := writeFile(t, "istio.yaml", operator+"spec:\n  profile: default\n")

	b.meshctl("precheck", "-f", file).wants(t, exitOK, "PRE004 missing-permission")
	b.meshctl("plan", "-f", file).wants(t, exitFindings, "Plan: 43 to create, 0 to change, 0 to delete, 0 unchanged.")
	nothing := b.meshctl("verify", "-f", file, "-o", "json").wants(t, exitFindings, "Deployment/istio-system/istiod is missing").report(t)
	for _, r := range nothing.Rules {
		// The others look for what should not be there, and it is not.
		present := strings.HasPrefix(r.ID, "POST0") && !slices.Contains([]string{"POST016", "POST017", "POST018", "POST030", "POST031"}, r.ID) || r.ID == "INJ004"
		if r.Outcome == report.Passed && present {
			t.Errorf("%s passed on an empty cluster: %s", r.ID, r.Reason)
		}
	}
	if w := b.writes(); len(w) > 0 {
		t.Fatalf("precheck, plan and verify wrote: %q", w)
	}

	for _, command := range []string{"precheck", "plan", "verify"} {
		r := b.meshctl(command, "-f", file, "--timeout", "1ms").wants(t, exitFailed)
		if strings.Contains(r.out, "passed") {
			t.Errorf("%s passed checks without an answer:\n%s", command, r.out)
		}
	}

	done := b.meshctl("install", "-f", file, "-y", "--strict", "-o", "json").wants(t, exitOK)
	rep := done.report(t)
	for _, id := range []string{"PRE004", "POST001", "POST002", "POST004", "POST005", "POST006"} {
		if o := outcome(t, rep, id); o.Outcome != report.Passed {
			t.Errorf("%s: %s: %s", id, o.Outcome, o.Reason)
		}
	}
	if rep.Plan == nil || rep.Plan.Create != 43 {
		t.Errorf("plan of the report: %+v", rep.Plan)
	}

	before := len(b.writes())
	b.meshctl("verify", "-f", file).wants(t, exitOK, "POST006 injection-works: a pod in namespace default was injected with docker.io/istio/proxyv2:1.31.0")
	b.meshctl("plan", "-f", file).wants(t, exitOK, "Plan: 0 to create, 0 to change, 0 to delete, 43 unchanged.")
	meshctl(t, "validate", file).wants(t, exitOK)
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("validate, plan and verify wrote: %q", w)
	}
	b.labelsLikeIstioctl()
	t.Run("analyze", b.analyzes)
	t.Run("scaled to zero", func(t *testing.T) {
		scale := func(replicas string) {
			t.Helper()
			_, err := b.client().AppsV1().Deployments("istio-system").Patch(t.Context(), "istio-ingressgateway", types.MergePatchType,
				[]byte(`{"spec":{"replicas":`+replicas+`}}`), metav1.PatchOptions{})
			if err != nil {
				t.Fatal(err)
			}
		}
		scale("0")
		b.meshctl("verify", "-f", file).wants(t, exitFindings, "Deployment/istio-system/istio-ingressgateway is scaled to 0 replicas")
		scale("1")
	})
	t.Run("more replicas", func(t *testing.T) {
		b.meshctl("install", "-f", file, "--set", "values.pilot.autoscaleMin=2", "-y").wants(t, exitOK)
	})
	t.Run("drift", func(t *testing.T) { b.drift(t, file) })
	t.Run("again", func(t *testing.T) {
		b.meshctl("install", "-f", file, "-y").wants(t, exitFindings, "PRE041", "--take-ownership takes the fields over", "nothing was applied")
		b.meshctl("install", "-f", file, "-y", "--take-ownership").wants(t, exitOK)
		b.meshctl("verify", "-f", file).wants(t, exitOK)
	})
	t.Run("second owner", func(t *testing.T) {
		gateways := writeFile(t, "gateways.yaml", `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: gateways, namespace: istio-system}
spec:
  profile: empty
  components:
    ingressGateways:
    - {name: shop-gateway, enabled: true}
`)
		b.meshctl("install", "-f", gateways, "-y").wants(t, exitOK, "0 to delete")
		b.meshctl("plan", "-f", file).wants(t, exitOK, "0 to delete, 43 unchanged")
		b.meshctl("plan", "-f", gateways, "--set", "components.ingressGateways.[0].name=other").wants(t, exitFindings, "- Deployment/istio-system/shop-gateway")
	})
	t.Run("prune", func(t *testing.T) {
		smaller := writeFile(t, "minimal.yaml", operator+"spec:\n  profile: minimal\n")
		b.meshctl("plan", "-f", smaller).wants(t, exitFindings, "- Deployment/istio-system/istio-ingressgateway", "6 to delete")
		b.meshctl("install", "-f", smaller, "-y").wants(t, exitOK)
		b.meshctl("plan", "-f", smaller).wants(t, exitOK)
	})
	t.Run("analyze what is in files and in the cluster", b.sameLive)
}

// labelsLikeIstioctl checks what istioctl uninstall and upgrade select by.
func (b *box) labelsLikeIstioctl() {
	b.t.Helper()
	d, err := b.client().AppsV1().Deployments("istio-system").Get(b.t.Context(), "istiod", metav1.GetOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	for label, want := range map[string]string{
		"operator.istio.io/managed":                           "Reconcile",
		"operator.istio.io/component":                         "Pilot",
		"operator.istio.io/version":                           "1.31.0",
		"istio.io/rev":                                        "default",
		"install.operator.istio.io/owning-resource-namespace": "istio-system",
	} {
		if got := d.Labels[label]; got != want {
			b.t.Errorf("label %s is %q, want %q", label, got, want)
		}
	}
	if image := d.Spec.Template.Spec.Containers[0].Image; image != "docker.io/istio/pilot:1.31.0" {
		b.t.Errorf("istiod's image is %s", image)
	}
}

// drift changes the installation by hand, as people do.
func (b *box) drift(t *testing.T, file string) {
	c, ctx := b.client(), t.Context()
	patch := func(what string, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	_, err := c.CoreV1().ConfigMaps("istio-system").Patch(ctx, "istio", types.MergePatchType,
		[]byte(`{"data":{"mesh":"accessLogFil: /dev/stdout\n"}}`), metav1.PatchOptions{})
	patch("mesh config", err)
	_, err = c.AppsV1().Deployments("istio-system").Patch(ctx, "istio-ingressgateway", types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"containers":[{"name":"istio-proxy","image":"docker.io/istio/proxyv2:1.30.0"}]}}}}`), metav1.PatchOptions{})
	patch("image", err)
	patch("deleted role", c.RbacV1().Roles("istio-system").Delete(ctx, "istio-ingressgateway-sds", metav1.DeleteOptions{}))
	_, err = c.AdmissionregistrationV1().ValidatingWebhookConfigurations().Patch(ctx, "istio-validator-istio-system", types.JSONPatchType,
		[]byte(`[{"op":"replace","path":"/webhooks/0/clientConfig/service/name","value":"istiodd"}]`), metav1.PatchOptions{})
	patch("webhook", err)

	r := b.meshctl("verify", "-f", file, "-o", "json").wants(t, exitFindings)
	rep := r.report(t)
	for id, text := range map[string]string{
		"POST001": "runs image docker.io/istio/proxyv2:1.30.0, expected is docker.io/istio/proxyv2:1.31.0",
		"POST004": `unknown field "accessLogFil", did you mean "accessLogFile"?`,
	} {
		if o := outcome(t, rep, id); o.Outcome != report.Failed || !strings.Contains(r.out, strings.ReplaceAll(text, `"`, `\"`)) {
			t.Errorf("%s: %s, want a finding with %q\n%s", id, o.Outcome, text, r.out)
		}
	}
	for _, text := range []string{"Role/istio-system/istio-ingressgateway-sds is missing", "is \\\"istiodd\\\", expected is \\\"istiod\\\""} {
		if !strings.Contains(r.out, text) {
			t.Errorf("verify does not say %q:\n%s", text, r.out)
		}
	}
}
