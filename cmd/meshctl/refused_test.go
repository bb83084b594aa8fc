package main

import (
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/report"
)

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
	b.meshctl("precheck", "--select", "PRE021").wants(t, exitFindings, "CustomResourceDefinition/gateways.networking.istio.io metadata.deletionTimestamp: error: it is being deleted", "waits until all objects of this kind are gone", "1 error")
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
