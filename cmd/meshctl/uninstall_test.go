package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestUninstall installs profile demo and a canary beside it, removes one
// control plane of two and then the other, and wants exactly what belongs to
// each to go.
func TestUninstall(t *testing.T) {
	b := startSandbox(t)
	b.meshctl("uninstall", "-y").wants(t, exitFindings, "nothing is installed in")
	demo := writeFile(t, "demo.yaml", operator+"spec:\n  profile: demo\n")
	b.meshctl("install", "-f", demo, "-y", "--strict").wants(t, exitOK, "ready: egress gateways", "installed and verified")
	b.meshctl("verify", "-f", demo, "--strict").wants(t, exitOK, "POST001 objects-as-rendered")
	b.meshctl("plan", "-f", demo).wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
	b.meshctl("plan", "-f", demo, "--revision", "canary").wants(t, exitFindings, "~ 15 CustomResourceDefinition: authorizationpolicies.security.istio.io, ",
		"warning: the running Deployment/istio-system/istio-ingressgateway moves from revision default to canary, with all that goes through it")
	b.meshctl("install", "-y", "--set", "profile=minimal", "--revision", "canary").wants(t, exitOK)
	b.meshctl("uninstall", "-y").wants(t, exitUsage, "several installations are there", "or --all")

	t.Run("preview", func(t *testing.T) {
		before := len(b.writes())
		b.meshctl("uninstall", "--revision", "default", "--dry-run").wants(t, exitOK, "- Deployment: istio-system/istio-egressgateway, istio-system/istio-ingressgateway, istio-system/istiod",
			"! Deployment/istio-system/istio-ingressgateway is a gateway", "CRDs stay, with all mesh objects")
		b.meshctl("uninstall", "--revision", "default").wants(t, exitFindings, "cancelled, nothing was removed")
		b.meshctl("uninstall", "--revision", "default", "--purge-crds", "--dry-run").wants(t, exitOK, "--purge-crds does not apply: Deployment/istio-system/istiod-canary needs them")
		if w := b.writes()[before:]; len(w) > 0 {
			t.Errorf("a preview wrote: %q", w)
		}
	})
	t.Run("in use", b.revisionInUse)
	t.Run("canary", b.uninstallCanary)
	t.Run("changed hands", b.changedHands)
	t.Run("finalizer", b.finalizer)
	t.Run("rest", func(t *testing.T) {
		b.meshctl("uninstall", "-y").wants(t, exitOK, "removed IstioOperator/istio-system/installed-state of revision default", "the namespace istio-system stays")
		if left := b.signed(t); !slices.Equal(left, []string{"ConfigMap istio"}) {
			t.Errorf("left behind: %q", left)
		}
		b.meshctl("verify").wants(t, exitFindings, "nothing is installed")
	})
	t.Run("CRDs", b.purgeCRDs)
}

// revisionInUse wants the users of a revision to be named: labelled
// namespaces, also through a tag, and pods with the sidecar.
func (b *box) revisionInUse(t *testing.T) {
	c, ctx := b.client(), t.Context()
	for i := range 7 {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("shop-%d", i), Labels: map[string]string{"istio.io/rev": "canary"}}}
		if _, err := c.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "cart", Annotations: map[string]string{"sidecar.istio.io/statsInclusionPrefixes": "x"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "registry.invalid/app:1"}}}}
	if _, err := c.CoreV1().Pods("shop-0").Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	before := len(b.writes())
	b.meshctl("uninstall", "--revision", "canary", "-y").wants(t, exitFindings,
		"in use: 7 namespaces are injected by it: shop-0, shop-1, shop-2, shop-3, shop-4 and 2 more",
		"in use: 1 pod has its proxy: shop-0/cart", "nothing was removed", "--force")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("a refused uninstall wrote: %q", w)
	}
	b.meshctl("uninstall", "--revision", "default", "--dry-run").wants(t, exitOK) // nobody uses that one
}

// uninstallCanary wants the other control plane, and what both share, to
// survive.
func (b *box) uninstallCanary(t *testing.T) {
	r := b.meshctl("uninstall", "--revision", "canary", "-y", "--force").wants(t, exitOK, "removed IstioOperator/istio-system/installed-state of revision canary")
	for line := range strings.Lines(r.stderr) {
		if strings.Contains(line, "deleted") && !strings.Contains(line, "canary") {
			t.Errorf("more than the canary was deleted: %s", line)
		}
	}
	if left := b.signed(t); slices.ContainsFunc(left, func(s string) bool { return strings.Contains(s, "canary") }) {
		t.Errorf("left behind: %q", left)
	}
	// --force left users of it behind.
	b.meshctl("verify").wants(t, exitFindings, "revision or tag canary does not exist", "1 proxy of revision canary, which no istiod serves")
	b.meshctl("verify", "--ignore", "POST003").wants(t, exitOK)
}

// changedHands gives an object to another owner, which it stays with.
func (b *box) changedHands(t *testing.T) {
	_, err := b.client().CoreV1().ConfigMaps("istio-system").Patch(t.Context(), "istio", types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"install.operator.istio.io/owning-resource":"theirs"}}}`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b.meshctl("verify", "--select", "POST030", "--fail-on", "warning").wants(t, exitFindings,
		"1 recorded objects carry the labels of another installation by now, so uninstall leaves them, for example ConfigMap/istio-system/istio")
	b.meshctl("uninstall", "--dry-run").wants(t, exitOK,
		"= ConfigMap/istio-system/istio stays: it belongs to IstioOperator/istio-system/theirs of revision default")
}

// finalizer wants to be told what holds an object that does not go, and the
// next run to go on from there.
func (b *box) finalizer(t *testing.T) {
	services := b.client().CoreV1().Services("istio-system")
	patch := func(text string) {
		t.Helper()
		if _, err := services.Patch(t.Context(), "istiod", types.MergePatchType, []byte(text), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	patch(`{"metadata":{"finalizers":["example.com/cloud"]}}`)
	b.meshctl("uninstall", "-y", "--timeout", "3s").wants(t, exitFindings, "not gone after 3s", "Service/istio-system/istiod waits for its finalizers example.com/cloud")
	patch(`{"metadata":{"finalizers":null}}`)
}

// signed names what carries istioctl's labels, CRDs apart.
func (b *box) signed(t *testing.T) []string {
	t.Helper()
	c, ctx, opts := b.client(), t.Context(), metav1.ListOptions{LabelSelector: "operator.istio.io/component"}
	var out []string
	add := func(kind string, names []string, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			out = append(out, kind+" "+n)
		}
	}
	deployments, err := c.AppsV1().Deployments("").List(ctx, opts)
	add("Deployment", names(deployments.Items), err)
	services, err := c.CoreV1().Services("").List(ctx, opts)
	add("Service", names(services.Items), err)
	maps, err := c.CoreV1().ConfigMaps("").List(ctx, opts)
	add("ConfigMap", names(maps.Items), err)
	secrets, err := c.CoreV1().Secrets("").List(ctx, opts)
	add("Secret", names(secrets.Items), err)
	accounts, err := c.CoreV1().ServiceAccounts("").List(ctx, opts)
	add("ServiceAccount", names(accounts.Items), err)
	roles, err := c.RbacV1().ClusterRoles().List(ctx, opts)
	add("ClusterRole", names(roles.Items), err)
	injectors, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().List(ctx, opts)
	add("MutatingWebhookConfiguration", names(injectors.Items), err)
	validators, err := c.AdmissionregistrationV1().ValidatingWebhookConfigurations().List(ctx, opts)
	add("ValidatingWebhookConfiguration", names(validators.Items), err)
	return out
}

func names[T any, P interface {
	*T
	GetName() string
}](items []T) []string {
	var out []string
	for i := range items {
		out = append(out, P(&items[i]).GetName())
	}
	return out
}

// create sends an object of any kind.
func (b *box) create(t *testing.T, path, text string) {
	t.Helper()
	err := b.client().CoreV1().RESTClient().Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body([]byte(text)).Do(t.Context()).Error()
	if err != nil {
		t.Fatal(err)
	}
}

// purgeCRDs wants the mesh objects that go with the CRDs to be counted before.
func (b *box) purgeCRDs(t *testing.T) {
	b.istioctl(t, "install", "-y", "--set", "profile=minimal", "--set", "hub=docker.io/istio", "--set", "tag=1.31.0")
	b.create(t, "/apis/networking.istio.io/v1/namespaces/default/serviceentries", `{"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"api","namespace":"default"},"spec":{"hosts":["api.example.com"],"ports":[{"number":443,"name":"tls","protocol":"TLS"}],"resolution":"DNS"}}`)
	b.meshctl("uninstall", "--purge-crds", "-y").wants(t, exitOK, "! with the CRDs go 1 object of kind ServiceEntry: default/api", "CustomResourceDefinition: authorizationpolicies.security.istio.io")
	if left := b.signed(t); len(left) > 1 {
		t.Errorf("left behind: %q", left)
	}
	b.meshctl("plan", "--set", "profile=minimal").wants(t, exitFindings, "+ CustomResourceDefinition/authorizationpolicies.security.istio.io")
}
