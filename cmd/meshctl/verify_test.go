package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	bignum "math/big"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/report"
)

// TestVerifyFindsFaults breaks a running mesh in one way after the other, wants
// each fault to be found by its rule, and puts it right again.
func TestVerifyFindsFaults(t *testing.T) {
	b := startSandbox(t)
	file := writeFile(t, "istio.yaml", operator+"spec:\n  profile: default\n")
	b.meshctl("install", "-f", file, "-y", "-o", "json").wants(t, exitOK)
	v := &verifier{b, file}
	v.healthy(t)

	t.Run("dropped mesh config", v.droppedMeshConfig)
	t.Run("istiod without rights", v.withoutRights)
	t.Run("tag without istiod", v.tagWithoutIstiod)
	t.Run("gateway scaled to zero", v.scaledGateway)
	t.Run("skewed and uninjected pods", v.skewedPods)
	t.Run("unknown provider", v.unknownProvider)
	t.Run("deleted ConfigMap", v.deletedConfigMap)
	t.Run("view only", v.viewOnly)
	t.Run("killed istiod", v.killedIstiod)

	before := len(b.writes())
	v.healthy(t)
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("verify wrote: %q", w)
	}
}

// verifier verifies one installation.
type verifier struct {
	*box
	file string
}

// healthy waits until every fault is gone, and wants nothing to be left open.
func (v *verifier) healthy(t *testing.T) {
	t.Helper()
	r := meshctl(t, "verify", "-f", v.file, "--kubeconfig", v.Kubeconfig(), "--wait", "--timeout", "60s", "--strict", "--fail-on", "warning", "-o", "json").wants(t, exitOK)
	for _, id := range []string{"POST003", "POST007", "POST008", "POST009", "POST010", "POST012", "POST013", "POST014", "POST016", "POST019", "POST020", "OBS009"} {
		if o := outcome(t, r.report(t), id); o.Outcome != report.Passed {
			t.Errorf("%s: %s: %s", id, o.Outcome, o.Reason)
		}
	}
}

// finds wants findings of the rules, each with a text in it.
func (v *verifier) finds(t *testing.T, wants map[string]string) {
	t.Helper()
	var ids []string
	for id := range wants {
		ids = append(ids, id)
	}
	r := meshctl(t, "verify", "-f", v.file, "--kubeconfig", v.Kubeconfig(), "--select", strings.Join(ids, ","), "--fail-on", "info", "-o", "json").wants(t, exitFindings)
	rep := r.report(t)
	for id, text := range wants {
		found := false
		for _, f := range rep.Findings {
			found = found || f.Rule == id && strings.Contains(f.Message, text)
		}
		if !found {
			t.Errorf("%s does not say %q:\n%s", id, text, r.out)
		}
	}
}

func (v *verifier) patchMesh(t *testing.T, mesh string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"data": map[string]string{"mesh": mesh}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.client().CoreV1().ConfigMaps("istio-system").Patch(t.Context(), "istio", types.MergePatchType, body, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// droppedMeshConfig mistypes one field, and restarts istiod.
func (v *verifier) droppedMeshConfig(t *testing.T) {
	config, err := v.client().CoreV1().ConfigMaps("istio-system").Get(t.Context(), "istio", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v.patchMesh(t, config.Data["mesh"]+"\naccessLogFile: /dev/stdout\nconnectTimeout: soon\n")
	if err := v.client().CoreV1().Pods("istio-system").DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "app=istiod"}); err != nil {
		t.Fatal(err)
	}
	meshctl(t, "verify", "-f", v.file, "--kubeconfig", v.Kubeconfig(), "--select", "POST005,POST009", "--wait", "--timeout", "60s").wants(t, exitOK)
	v.finds(t, map[string]string{
		"POST004": "connectTimeout", "POST007": "works with another mesh config: accessLogFile, connectTimeout",
	})
	v.patchMesh(t, config.Data["mesh"])
}

// withoutRights takes from istiod what it needs to repair webhooks and roots,
// then spoils both.
func (v *verifier) withoutRights(t *testing.T) {
	c, ctx := v.client(), t.Context()
	role, err := c.RbacV1().ClusterRoles().Get(ctx, "istiod-clusterrole-istio-system", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	weak := role.DeepCopy()
	for i := range weak.Rules {
		weak.Rules[i].Verbs = []string{"get", "list", "watch"}
	}
	if _, err := c.RbacV1().ClusterRoles().Update(ctx, weak, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	root, err := c.CoreV1().ConfigMaps("default").Get(ctx, "istio-ca-root-cert", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hooks, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, "istio-revision-tag-default", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	other, good := expiredRoot(t), hooks.Webhooks[0].ClientConfig.CABundle
	settle := func(bundle []byte, text string) {
		t.Helper()
		hooks, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, hooks.Name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range hooks.Webhooks {
			hooks.Webhooks[i].ClientConfig.CABundle = bundle
		}
		if _, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Update(ctx, hooks, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		body, _ := json.Marshal(map[string]any{"data": map[string]string{"root-cert.pem": text}})
		if _, err := c.CoreV1().ConfigMaps("default").Patch(ctx, root.Name, types.MergePatchType, body, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	settle(other, string(other))
	v.finds(t, map[string]string{
		"POST008": "not istiod's root cluster.local", "POST010": "certificate signed by unknown authority",
		"POST013": "expired on 2020-01-01", "POST014": "in 1 namespace than in istio-system: default",
	})
	settle(good, root.Data["root-cert.pem"])
	role.ResourceVersion = ""
	if _, err := c.RbacV1().ClusterRoles().Update(ctx, role, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// expiredRoot is a root of another mesh that has ended.
func expiredRoot(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: bignum.NewInt(1), Subject: pkix.Name{CommonName: "old"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// tagWithoutIstiod points a revision tag to a service without endpoints.
func (v *verifier) tagWithoutIstiod(t *testing.T) {
	c, ctx := v.client(), t.Context()
	hooks, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, "istio-revision-tag-default", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hooks.ObjectMeta = metav1.ObjectMeta{Name: "istio-revision-tag-prod", Labels: map[string]string{"app": "sidecar-injector", "istio.io/rev": "1-30", "istio.io/tag": "prod"}}
	hooks.Webhooks = hooks.Webhooks[:1]
	hooks.Webhooks[0].ClientConfig.Service.Name = "istiod-1-30"
	hooks.Webhooks[0].NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"istio.io/rev": "prod"}}
	if _, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Create(ctx, hooks, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "istiod-1-30"}, Spec: corev1.ServiceSpec{
		Selector: map[string]string{"app": "istiod", "istio.io/rev": "1-30"}, Ports: []corev1.ServicePort{{Name: "https-webhook", Port: 443}},
	}}
	if _, err := c.CoreV1().Services("istio-system").Create(ctx, service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "prod", Labels: map[string]string{"istio.io/rev": "prod"}}}
	if _, err := c.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	v.finds(t, map[string]string{
		"POST009": "Service/istio-system/istiod-1-30 has no ready endpoint", "POST010": "the API server cannot call the webhook of revision 1-30",
	})
	for _, err := range []error{
		c.AdmissionregistrationV1().MutatingWebhookConfigurations().Delete(ctx, hooks.Name, metav1.DeleteOptions{}),
		c.CoreV1().Services("istio-system").Delete(ctx, service.Name, metav1.DeleteOptions{}),
		c.CoreV1().Namespaces().Delete(ctx, ns.Name, metav1.DeleteOptions{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (v *verifier) scaledGateway(t *testing.T) {
	scale := func(replicas string) {
		t.Helper()
		_, err := v.client().AppsV1().Deployments("istio-system").Patch(t.Context(), "istio-ingressgateway", types.MergePatchType, []byte(`{"spec":{"replicas":`+replicas+`}}`), metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	scale("0")
	r := meshctl(t, "verify", "-f", v.file, "--kubeconfig", v.Kubeconfig(), "--select", "POST016", "--wait", "--timeout", "4s")
	r.wants(t, exitFindings, "gateway Service istio-system/istio-ingressgateway has no ready endpoint: Deployment istio-ingressgateway is scaled to 0",
		"waiting: Service/istio-system/istio-ingressgateway (POST016)")
	scale("1")
}

// skewedPods starts a pod whose proxy is newer than istiod, and one that the
// injector never saw.
func (v *verifier) skewedPods(t *testing.T) {
	pods := v.client().CoreV1().Pods("default")
	for name, image := range map[string]string{"skewed": "docker.io/istio/proxyv2:1.33.0", "uninjected": "auto"} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{"istio.io/rev": "default"}, Labels: map[string]string{"sidecar.istio.io/inject": "false"}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "istio-proxy", Image: image}}},
		}
		if _, err := pods.Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	v.finds(t, map[string]string{
		"POST003": "1 proxy of revision default runs Istio 1.33, newer than their istiod's 1.31: default/skewed",
		"POST018": "1 pod in namespace default runs image auto, so no webhook injected them: uninjected",
	})
	if err := pods.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
}

// unknownProvider sends traces to a provider that the mesh config lacks, and
// gives it one whose service is not there.
func (v *verifier) unknownProvider(t *testing.T) {
	path := "/apis/telemetry.istio.io/v1/namespaces/default/telemetries"
	rest := v.client().Discovery().RESTClient()
	body := `{"apiVersion":"telemetry.istio.io/v1","kind":"Telemetry","metadata":{"name":"traces"},"spec":{"tracing":[{"providers":[{"name":"jaeger"}]}]}}`
	if err := rest.Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body([]byte(body)).Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
	v.finds(t, map[string]string{"OBS008": `Telemetry default/traces sends tracing to provider "jaeger", which the mesh config does not have`})
	config, err := v.client().CoreV1().ConfigMaps("istio-system").Get(t.Context(), "istio", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v.patchMesh(t, config.Data["mesh"]+"\nextensionProviders:\n- name: jaeger\n  opentelemetry: {service: jaeger.tracing.svc.cluster.local, port: 4317}\n")
	v.finds(t, map[string]string{"OBS008": "provider jaeger (opentelemetry) calls jaeger.tracing.svc.cluster.local, and there is no such service"})
	v.patchMesh(t, config.Data["mesh"])
	if err := rest.Delete().AbsPath(path + "/traces").Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
}

func (v *verifier) deletedConfigMap(t *testing.T) {
	maps := v.client().CoreV1().ConfigMaps("istio-system")
	config, err := maps.Get(t.Context(), "istio-sidecar-injector", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := maps.Delete(t.Context(), config.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	v.finds(t, map[string]string{"POST001": "ConfigMap/istio-system/istio-sidecar-injector is missing"})
	config.ResourceVersion = ""
	if _, err := maps.Create(t.Context(), config, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// viewOnly wants checks that a user with the view role cannot make to be
// skipped, each with the reason.
func (v *verifier) viewOnly(t *testing.T) {
	_, err := v.client().RbacV1().ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "viewer"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects:   []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "viewer"}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rep := v.meshctl("verify", "-f", v.file, "--as", "viewer", "-o", "json").report(t)
	for _, id := range []string{"POST007", "POST008", "POST010", "POST012", "POST019"} {
		if o := outcome(t, rep, id); o.Outcome != report.Skipped || !strings.Contains(o.Reason, "forbidden") {
			t.Errorf("%s for a view-only user: %s, %q; want skipped as forbidden", id, o.Outcome, o.Reason)
		}
	}
	if o := outcome(t, rep, "POST003"); o.Outcome != report.Passed {
		t.Errorf("POST003 for a view-only user: %+v", o)
	}
}

// killedIstiod kills the process again and again, wants that to be seen by a
// verify that is interrupted meanwhile, and waits for the restart.
func (v *verifier) killedIstiod(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	v.kill(t)
	eventually(t, func(ctx context.Context) (bool, error) {
		d, err := v.client().AppsV1().Deployments("istio-system").Get(ctx, "istiod", metav1.GetOptions{})
		return err == nil && d.Status.ReadyReplicas == 0, err
	})
	var dead sync.WaitGroup
	dead.Go(func() {
		for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
			v.kill(t)
		}
	})
	var out, stderr bytes.Buffer
	code := run(ctx, []string{"verify", "-f", v.file, "--wait", "--kubeconfig", v.Kubeconfig()},
		streams{in: strings.NewReader(""), out: &out, err: writerFunc(func(p []byte) (int, error) {
			if strings.Contains(string(p), "waiting: ") {
				interrupt()
			}
			return stderr.Write(p)
		})})
	interrupt()
	dead.Wait()
	if code != exitFindings || !strings.Contains(out.String(), "POST001 objects-as-rendered") || !strings.Contains(out.String(), "Deployment/istio-system/istiod is not ready") {
		t.Errorf("exit code %d of an interrupted verify --wait\n%s%s", code, out.String(), stderr.String())
	}
	v.healthy(t)
}

// kill ends the istiod that runs, if one does.
func (v *verifier) kill(t *testing.T) {
	status, err := v.Status()
	if err != nil {
		t.Error(err)
	}
	for _, c := range status.Components {
		if strings.HasPrefix(c.Name, "istiod") && c.PID > 0 {
			if err := syscall.Kill(c.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Error(err)
			}
		}
	}
}

// writerFunc is a function as an io.Writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
