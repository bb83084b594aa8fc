package main

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// TestOthers puts what others may have in a cluster before an installation,
// and wants each to be found by its rule, and only that.
func TestOthers(t *testing.T) {
	b := startSandbox(t)
	t.Run("foreign injector", b.foreignInjector)
	t.Run("webhook without endpoint", b.webhookWithoutEndpoint)
	t.Run("other owner", b.otherOwner)
	b.meshctl("precheck", "--select", "PRE030,PRE031,PRE032").wants(t, exitOK, "PRE030", "PRE031", "PRE032")
	if w := b.writes(); len(w) > 0 {
		t.Errorf("precheck wrote: %q", w)
	}
}

func (b *box) foreignInjector(t *testing.T) {
	b.put(t, `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: foreign}
webhooks:
- name: inject.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  clientConfig: {service: {namespace: default, name: kubernetes, path: /inject}}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
`)
	b.meshctl("precheck", "--select", "PRE03").wants(t, exitFindings,
		"webhook inject.example.com takes pods in namespaces with istio-injection=enabled", "1 error")
	b.meshctl("precheck", "--select", "PRE03", "--set", "revision=canary", "--set", "values.global.operatorManageWebhooks=true").wants(t, exitOK)
}

// webhookWithoutEndpoint proves that the API server really does what the rule
// says.
func (b *box) webhookWithoutEndpoint(t *testing.T) {
	b.put(t, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: policy}
webhooks:
- name: accounts.policy.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  timeoutSeconds: 1
  clientConfig: {service: {namespace: default, name: nobody, path: /}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [serviceaccounts], scope: "*"}]
`, `
apiVersion: v1
kind: Service
metadata: {namespace: default, name: nobody}
spec: {selector: {app: nobody}, ports: [{port: 443}]}
`)
	b.meshctl("precheck", "--select", "PRE03").wants(t, exitFindings, "calls Service/default/nobody, which has no ready endpoint",
		"will refuse ServiceAccount/istio-system/istio-ingressgateway-service-account, ServiceAccount/istio-system/istio-reader-service-account, ServiceAccount/istio-system/istiod;", "1 error")
	_, err := b.kind(t, "v1", "serviceaccounts").Namespace("default").Create(t.Context(),
		object(t, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: probe}}"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err == nil || !strings.Contains(err.Error(), `failed calling webhook "accounts.policy.example.com"`) {
		t.Errorf("the API server takes a service account all the same: %v", err)
	}
}

func (b *box) otherOwner(t *testing.T) {
	marks := "labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: istiod, meta.helm.sh/release-namespace: istio-system}"
	b.put(t, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system, labels: {kustomize.toolkit.fluxcd.io/name: spaces}}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: istio-system, name: istio, "+marks+"}}",
		"{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: istio-system, name: istiod, "+marks+"}}",
		"{apiVersion: v1, kind: Service, metadata: {namespace: istio-system, name: istiod, annotations: {argocd.argoproj.io/tracking-id: 'mesh:/Service:istio-system/istiod'}}, spec: {ports: [{port: 443}]}}")
	b.meshctl("precheck", "--select", "PRE03").wants(t, exitFindings,
		"2 objects that this installation writes belong to Helm release istio-system/istiod: ConfigMap/istio-system/istio, ServiceAccount/istio-system/istiod;",
		"1 object that this installation writes belongs to Argo CD application mesh", "2 errors")
	values := writeFile(t, "values-istiod.yaml", "pilot:\n  autoscaleMin: 2\n")
	b.meshctl("precheck", "--select", "PRE03", "-f", values, "--chart", "istiod", "-n", "istio-system").wants(t, exitFindings, "Argo CD application mesh", "1 error")
}

// put creates objects and takes them away when the test ends.
func (b *box) put(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		o := object(t, text)
		plural := strings.ToLower(o.GetKind()) + "s"
		where := b.kind(t, o.GetAPIVersion(), plural)
		var at dynamic.ResourceInterface = where
		if o.GetNamespace() != "" {
			at = where.Namespace(o.GetNamespace())
		}
		if _, err := at.Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if o.GetKind() == "Namespace" {
				return // it goes with the sandbox; waiting for it takes time
			}
			if err := at.Delete(context.Background(), o.GetName(), metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// kind reaches objects of any kind as another user's program would.
func (b *box) kind(t *testing.T, version, plural string) dynamic.NamespaceableResourceInterface {
	t.Helper()
	gv, err := schema.ParseGroupVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	cfg.UserAgent = "somebody-else"
	c, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c.Resource(gv.WithResource(plural))
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}
