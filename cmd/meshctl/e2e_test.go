package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshctl/meshctl/pkg/report"
)

// The tests of this file run the command line against a real API server and
// a real istiod. Each starts a sandbox of its own.

// TestReportFollowsItsSchema checks the goldens of the JSON writer.
func TestReportFollowsItsSchema(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "report", "want.json"))
	if err != nil {
		t.Fatal(err)
	}
	follows(t, []byte(meshctl(t, "schema", "report").wants(t, exitOK).out), string(data))
	meshctl(t, "schema", "nonsense").wants(t, exitUsage)
}

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

// TestBrokenFileAppliesNothing proves with the audit log that a file with
// errors is stopped before anything is written.
func TestBrokenFileAppliesNothing(t *testing.T) {
	b := startSandbox(t)
	file := writeFile(t, "istio.yaml", operator+"spec:\n  meshConfig:\n    accessLogFil: /dev/stdout\n")
	b.meshctl("install", "-f", file, "-y").wants(t, exitFindings, "istio.yaml:7:5: error:", "did you mean \"accessLogFile\"?", "nothing was applied")
	b.meshctl("precheck", "-f", file).wants(t, exitFindings, "VAL008")
	b.meshctl("plan", "-f", file).wants(t, exitFindings, "VAL008")
	if w := b.writes(); len(w) > 0 {
		t.Errorf("a broken file led to writes: %q", w)
	}
	t.Run("cancelled", func(t *testing.T) {
		b.meshctl("install").wants(t, exitFindings, "Apply this to", "cancelled, nothing was applied")
		if w := b.writes(); len(w) > 0 {
			t.Errorf("a cancelled install wrote: %q", w)
		}
	})
	t.Run("unknown kind", func(t *testing.T) {
		b.meshctl("install", "-y", "--set", "profile=openshift").wants(t, exitFindings,
			"PRE010", "the cluster has no kind NetworkAttachmentDefinition", "nothing was applied")
		b.meshctl("plan", "--set", "profile=openshift").wants(t, exitFindings, "refuses NetworkAttachmentDefinition/default/istio-cni")
		if w := b.writes(); len(w) > 0 {
			t.Errorf("an install of a kind that is not there wrote: %q", w)
		}
	})
	t.Run("refused value", func(t *testing.T) {
		file := writeFile(t, "nodes.yaml", operator+"spec:\n  components:\n    pilot:\n      k8s:\n        nodeSelector:\n          pool: system nodes\n")
		b.meshctl("install", "-f", file, "-y").wants(t, exitFindings, "the API server refuses Deployment/istio-system/istiod", `"system nodes"`)
		if w := b.writes(); len(w) > 0 {
			t.Errorf("an install that the API server refuses wrote: %q", w)
		}
	})
	t.Run("invalid quantity", func(t *testing.T) {
		b.meshctl("install", "-y", "--set", "components.pilot.k8s.resources.requests.cpu=lots").wants(t, exitFindings, "VAL012", `"lots"`, "nothing was applied")
		b.meshctl("install", "-y", "--force", "--set", "components.pilot.k8s.resources.requests.cpu=lots").wants(t, exitFindings, "quantities must match")
		if w := b.writes(); len(w) > 0 {
			t.Errorf("an install of an invalid quantity wrote: %q", w)
		}
	})
	t.Run("CRD stuck", b.stuckCRD)
	t.Run("image never ready", b.neverPulled)
	t.Run("never ready", b.neverReady)
	t.Run("view only", b.viewOnly)
}

// stuckCRD deletes a CRD of Istio of which an object remains that nobody
// releases.
func (b *box) stuckCRD(t *testing.T) {
	b.create(t, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
		"metadata":{"name":"gateways.networking.istio.io"},"spec":{"group":"networking.istio.io","scope":"Namespaced",
		"names":{"kind":"Gateway","listKind":"GatewayList","plural":"gateways","singular":"gateway"},
		"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}`)
	gateways := b.kind(t, "networking.istio.io/v1", "gateways").Namespace("default")
	b.eventually(t, "the API server to serve the CRD", func() bool {
		_, err := gateways.Create(t.Context(), object(t, "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: held, finalizers: [example.com/hold]}}"), metav1.CreateOptions{})
		return err == nil
	})
	crds := b.kind(t, "apiextensions.k8s.io/v1", "customresourcedefinitions")
	if err := crds.Delete(t.Context(), "gateways.networking.istio.io", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.meshctl("precheck", "--select", "PRE021").wants(t, exitFindings, "CustomResourceDefinition/gateways.networking.istio.io: error: it is being deleted", "waits until all objects of this kind are gone", "1 error")
	before := len(b.writes())
	b.meshctl("install", "-y").wants(t, exitFindings, "PRE021", "nothing was applied")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("an install onto a CRD that goes wrote: %q", w)
	}
	start := time.Now()
	meshctl(t, "install", "-y", "--force", "--take-ownership", "--timeout", "5s", "--kubeconfig", b.Kubeconfig()).wants(t, exitFindings,
		"CustomResourceDefinition/gateways.networking.istio.io: is being deleted and waits for its finalizers customresourcecleanup.apiextensions.k8s.io", "stay so")
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("the install ended only after %s", took)
	}
	if _, err := gateways.Patch(t.Context(), "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	b.eventually(t, "the CRD to go", func() bool {
		_, err := crds.Get(t.Context(), "gateways.networking.istio.io", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// neverPulled takes istiod from a registry that does not exist: install and
// verify name the pod, the container, the image and the reason.
func (b *box) neverPulled(t *testing.T) {
	start := time.Now()
	set := []string{"--set", "hub=registry.invalid/istio", "--kubeconfig", b.Kubeconfig()}
	why := []string{"Deployment/istio-system/istiod", "pod istiod-", "container discovery: ErrImagePull (failed to pull image \"registry.invalid/istio/pilot:1.31.0\": lookup registry.invalid: no such host)"}
	meshctl(t, append([]string{"install", "-y", "--timeout", "8s"}, set...)...).wants(t, exitFindings, append(why, "stay so")...)
	if took := time.Since(start); took > 60*time.Second {
		t.Errorf("the install ended only after %s", took)
	}
	meshctl(t, append([]string{"verify", "--select", "POST001"}, set...)...).wants(t, exitFindings, append(why, "POST001")...)
}

// neverReady asks for more CPU than any node has, so that the real scheduler
// leaves istiod's pod pending.
func (b *box) neverReady(t *testing.T) {
	start := time.Now()
	r := meshctl(t, "install", "-y", "--force", "--timeout", "10s", "--kubeconfig", b.Kubeconfig(),
		"--set", "values.pilot.resources.requests.cpu=400000m", "--set", "values.pilot.resources.limits.cpu=400000m")
	r.wants(t, exitFindings, "Deployment/istio-system/istiod: pod istiod-", "Unschedulable", "Insufficient cpu", "objects that differ were applied and stay so")
	if n := strings.Count(r.stderr, "Insufficient cpu"); n != 1 || strings.Contains(r.stderr, "has not written the CA bundle") {
		t.Errorf("the cause is told %d times, or what follows from it as well:\n%s", n, r.stderr)
	}
	if took := time.Since(start); took > 60*time.Second {
		t.Errorf("the install ended only after %s", took)
	}
	if strings.Contains(r.stderr, "ready: istiod") || strings.Contains(r.stderr, "applying ingress gateways") {
		t.Errorf("gateways were released although istiod was not ready:\n%s", r.stderr)
	}
}

// viewOnly wants a user with the view role to get skipped checks with their
// reasons, never passes.
func (b *box) viewOnly(t *testing.T) {
	_, err := b.client().RbacV1().ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "viewer"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects:   []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "viewer"}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := b.meshctl("precheck", "--as", "viewer", "-o", "json").wants(t, exitFindings)
	rep := r.report(t)
	for _, id := range []string{"PRE005", "PRE008"} {
		if o := outcome(t, rep, id); o.Outcome != report.Skipped || !strings.Contains(o.Reason, "forbidden") {
			t.Errorf("%s for a view-only user: %s, %q; want skipped as forbidden", id, o.Outcome, o.Reason)
		}
	}
	if o := outcome(t, rep, "PRE004"); o.Outcome != report.Failed {
		t.Errorf("PRE004 for a view-only user: %s", o.Outcome)
	}
	// Of the neverReady installation a viewer sees the workloads, but neither
	// roles nor webhooks.
	seen := b.meshctl("verify", "--as", "viewer", "-o", "json").wants(t, exitFindings, "istiod is not ready").report(t)
	if o := outcome(t, seen, "POST001"); !strings.Contains(o.Undecided, "forbidden") {
		t.Errorf("POST001 for a view-only user does not say what it could not see: %+v", o)
	}
	if o := outcome(t, seen, "POST002"); o.Outcome != report.Skipped {
		t.Errorf("POST002 for a view-only user: %+v", o)
	}
	b.meshctl("verify", "--as", "nobody").wants(t, exitFailed, "no check could be made", "forbidden")
}

// TestUnreachable wants a sentence within seconds, for a server that refuses
// and for one that never answers.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, addr := range map[string]string{"silent": silent.Addr().String(), "refusing": closed.Addr().String()} {
		config := writeFile(t, "kubeconfig", `{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: "https://`+addr+`"}}], contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u, user: {token: sesame}}]}`)
		commands := [][]string{{"precheck"}, {"install", "-y"}}
		if name == "refusing" {
			commands = append(commands, []string{"plan"}, []string{"verify"}, []string{"tag", "list"}, []string{"uninstall", "-y"})
		}
		for _, command := range commands {
			start := time.Now()
			r := meshctl(t, append(command, "--kubeconfig", config)...)
			r.wants(t, exitFailed, "cannot reach the API server at "+addr)
			if took := time.Since(start); took > 12*time.Second {
				t.Errorf("%s, %s server: %s", command[0], name, took)
			}
			if strings.Contains(r.out+r.stderr, "sesame") {
				t.Errorf("%s prints the token", command[0])
			}
		}
	}
}

// TestNoCluster wants to be told that nothing is configured, rather than that
// an address nobody chose does not answer.
func TestNoCluster(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "missing"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	meshctl(t, "precheck").wants(t, exitFailed, "no cluster is configured", "KUBECONFIG or --kubeconfig")
	meshctl(t, "precheck", "--kubeconfig", "missing.yaml").wants(t, exitFailed, "missing.yaml")
}

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
