package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	bignum "math/big"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/report"
)

// TestOthers puts what others may have in a cluster before an installation,
// and wants each to be found by its rule, and only that.
func TestOthers(t *testing.T) {
	b := startSandbox(t)
	t.Run("foreign injector", b.foreignInjector)
	t.Run("webhook without endpoint", b.webhookWithoutEndpoint)
	t.Run("other owner", b.otherOwner)
	t.Run("leftovers", b.leftovers)
	t.Run("versions are numbers", b.versionNumbers)
	t.Run("plugged-in authority", b.pluggedCA)
	t.Run("labels", b.meshLabels)
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
	b.meshctl("install", "-y").wants(t, exitFindings, "PRE030", "nothing was applied") // istioctl makes a namespace first, and goes on
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
	marks := "labels: {app.kubernetes.io/managed-by: Helm}, annotations: {helm.sh/resource-policy: keep, meta.helm.sh/release-name: istiod, meta.helm.sh/release-namespace: istio-system}"
	b.put(t, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system, labels: {kustomize.toolkit.fluxcd.io/name: spaces}}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: istio-system, name: istio, "+marks+"}}",
		"{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: istio-system, name: istiod, "+marks+"}}",
		"{apiVersion: v1, kind: Service, metadata: {namespace: istio-system, name: istiod, annotations: {argocd.argoproj.io/tracking-id: 'mesh:/Service:istio-system/istiod'}}, spec: {ports: [{port: 443}]}}")
	b.meshctl("precheck", "--select", "PRE032").wants(t, exitFindings, "Argo CD application mesh", "1 error") // no such release
	b.put(t, "{apiVersion: v1, kind: Secret, type: helm.sh/release.v1, metadata: {namespace: istio-system, name: sh.helm.release.v1.istiod.v1, labels: {owner: helm, name: istiod, status: deployed, version: '1'}}}")
	b.meshctl("precheck", "--select", "PRE03").wants(t, exitFindings,
		"2 objects that this installation writes belong to Helm release istio-system/istiod: ConfigMap/istio-system/istio, ServiceAccount/istio-system/istiod;",
		"1 object that this installation writes belongs to Argo CD application mesh", "2 errors")
	values := writeFile(t, "values-istiod.yaml", "pilot:\n  autoscaleMin: 2\n")
	b.meshctl("precheck", "--select", "PRE03", "-f", values, "--chart", "istiod", "-n", "istio-system").wants(t, exitFindings, "Argo CD application mesh", "1 error")
}

// versionNumbers runs an older minor with a patch of two digits, and the same
// minor with a later one: the first is a long way off, the second none at all.
func (b *box) versionNumbers(t *testing.T) {
	for version, want := range map[string]struct {
		code int
		text string
	}{"1.29.10": {exitFindings, "the way from Istio 1.29 to 1.31 skips 1.30"}, "1.31.10": {exitOK, "PRE006 upgrade-path: from Istio 1.31"}} {
		t.Run(version, func(t *testing.T) {
			b.put(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: istio-system, name: istiod, labels: {app: istiod, istio.io/rev: default}}
spec:
  replicas: 0
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, istio.io/rev: default}}
    spec: {containers: [{name: discovery, image: "docker.io/istio/pilot:`+version+`"}]}
`)
			b.meshctl("precheck", "--set", "profile=minimal", "--select", "PRE006", "--fail-on", "warning").wants(t, want.code, want.text)
		})
	}
}

// leftovers are the in-cluster operator, and CRDs that nobody's Helm owns.
func (b *box) leftovers(t *testing.T) {
	b.put(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: default, name: istio-operator}
spec:
  selector: {matchLabels: {name: istio-operator}}
  template:
    metadata: {labels: {name: istio-operator}}
    spec: {containers: [{name: istio-operator, image: "docker.io/istio/operator:1.22.3"}]}
`, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: virtualservices.networking.istio.io}
spec:
  group: networking.istio.io
  names: {kind: VirtualService, listKind: VirtualServiceList, plural: virtualservices, singular: virtualservice}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`)
	b.meshctl("precheck", "--select", "PRE007,PRE009").wants(t, exitFindings, "Istio's in-cluster operator runs in namespace default", "1 error")
	values := writeFile(t, "values-base.yaml", "base:\n  enableCRDTemplates: true\n")
	b.meshctl("precheck", "--select", "PRE007,PRE009", "-f", values, "--chart", "base", "-n", "istio-system").wants(t, exitFindings,
		"CRDs lack Helm's marks, so Helm refuses to upgrade chart base: virtualservices.networking.istio.io", "2 errors")
}

// pluggedCA puts a Secret there whose key belongs to another certificate. The
// key is in no output, and who may not read it learns that the check was left
// out.
func (b *box) pluggedCA(t *testing.T) {
	cert, _ := selfSigned(t)
	_, key := selfSigned(t)
	secret := &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "istio-system", Name: "cacerts"},
		Data:       map[string][]byte{"ca-cert.pem": cert, "ca-key.pem": key, "cert-chain.pem": cert, "root-cert.pem": cert},
	}
	text, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	b.put(t, string(text))
	for _, format := range []string{"text", "json", "sarif"} {
		r := b.meshctl("precheck", "--select", "PRE034", "-o", format).wants(t, exitFindings, "ca-key.pem is not the key of ca-cert.pem")
		if strings.Contains(r.out, strings.Split(string(key), "\n")[1]) {
			t.Errorf("the key is in the output as %s", format)
		}
	}
	rep := b.meshctl("precheck", "--select", "PRE034", "--as", "nobody", "-o", "json").report(t)
	if o := outcome(t, rep, "PRE034"); o.Outcome != report.Skipped || !strings.Contains(o.Reason, "forbidden") {
		t.Errorf("without the right to read the Secret: %+v", o)
	}
}

func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: bignum.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
}

// meshLabels wants the labels of namespaces to be judged by what there will be
// after the installation.
func (b *box) meshLabels(t *testing.T) {
	b.put(t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/rev: canary}}}",
		"{apiVersion: v1, kind: Namespace, metadata: {name: cart, labels: {istio-injection: enabled}}}")
	b.meshctl("precheck", "--select", "INJ", "--fail-on", "warning").wants(t, exitFindings, "shop: revision or tag canary does not exist; there are default", "1 warning")
	b.meshctl("precheck", "--select", "INJ", "--set", "revision=canary").wants(t, exitOK, "INJ006")
	values := writeFile(t, "values-istiod.yaml", "revision: canary\n")
	b.meshctl("precheck", "--select", "INJ", "--fail-on", "warning", "-f", values, "--chart", "istiod", "-n", "istio-system").wants(t, exitFindings,
		"no injector takes the pods of cart with istio-injection=enabled; there are the revisions and tags canary", "1 warning")
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
