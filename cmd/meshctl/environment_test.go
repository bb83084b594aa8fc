package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	polling "k8s.io/apimachinery/pkg/util/wait"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/sandbox"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

const system = "istio-system"

// TestEnvironment spoils a cluster in each way that keeps pods from running,
// wants precheck to find it, and asks the API server, or the scheduler, whether
// that is true.
func TestEnvironment(t *testing.T) {
	b := startSandboxWith(t, sandbox.Options{NoIstiod: true, Nodes: 2})
	b.envCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: system}})
	b.envCreate("serviceaccounts", system, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "istiod"}})
	before := len(b.writes())

	ready := b.meshctl("precheck", "-o", "json").wants(t, exitOK).report(t)
	for _, id := range []string{"PRE012", "PRE013", "PRE014", "PRE015", "PRE016", "PRE017", "PRE019", "PRE020", "PRE021"} {
		if o := outcome(t, ready, id); o.Outcome != report.Passed {
			t.Errorf("%s on a ready cluster: %s: %s%s", id, o.Outcome, o.Reason, o.Undecided)
		}
	}
	if o := outcome(t, ready, "PRE018"); o.Outcome != report.Failed {
		t.Errorf("PRE018 on a cluster without metrics: %s: %s", o.Outcome, o.Reason)
	}
	pod := istiodPod(t)
	if err := b.refuses(pod); err != nil {
		t.Fatalf("a ready cluster refuses istiod's pod: %v", err)
	}
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("precheck wrote: %q", w)
	}

	t.Run("pod security", func(t *testing.T) {
		b.envPatch("namespaces", "", system, `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}`)
		defer b.envPatch("namespaces", "", system, `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":null}}}`)
		b.finds(t, "PRE012", exitFindings, "enforces Pod Security restricted", "Deployment istiod")
		b.refusal(t, pod, "violates PodSecurity", "seccompProfile")
	})
	t.Run("silent API service", b.silentService)
	t.Run("quota", func(t *testing.T) {
		b.counting(t, corev1.ResourceList{"pods": resource.MustParse("0")})
		b.finds(t, "PRE013", exitFindings, "pods: the installation adds 2 in namespace istio-system, and the quota leaves 0")
		b.refusal(t, pod, "exceeded quota: frozen", "pods=1")
	})
	t.Run("quota of limits", func(t *testing.T) {
		b.counting(t, corev1.ResourceList{"limits.memory": resource.MustParse("64Gi")})
		b.finds(t, "PRE013", exitFindings, "Deployment istiod (container discovery)")
		b.refusal(t, pod, "must specify limits.memory for: discovery")
	})
	t.Run("quota with room", func(t *testing.T) {
		b.counting(t, corev1.ResourceList{"pods": resource.MustParse("2"), "requests.cpu": resource.MustParse("600m"), "services": resource.MustParse("3")})
		b.finds(t, "PRE013", exitOK)
	})
	for name, item := range map[string]corev1.LimitRangeItem{
		"limit range":         {Type: corev1.LimitTypeContainer, Max: corev1.ResourceList{"memory": resource.MustParse("1Gi")}},
		"default below":       {Type: corev1.LimitTypeContainer, Default: corev1.ResourceList{"memory": resource.MustParse("512Mi")}},
		"limit range of pods": {Type: corev1.LimitTypePod, Max: corev1.ResourceList{"cpu": resource.MustParse("100m")}},
	} {
		t.Run(name, func(t *testing.T) {
			b.envCreate("limitranges", system, &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Name: "range"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{item}}})
			defer b.envRemove("limitranges", system, "range")
			b.finds(t, "PRE014", exitFindings, "of Deployment istiod")
			b.refusal(t, pod, strings.ToLower("memory"), "cpu")
		})
	}
	t.Run("cordoned nodes", func(t *testing.T) { b.cordoned(t, pod) })
	t.Run("priority class", func(t *testing.T) {
		b.finds(t, "PRE017", exitFindings, "priorityClassName nobody names no priority class", "--set", "values.global.priorityClassName=nobody")
		odd := pod.DeepCopy()
		odd.Spec.PriorityClassName = "nobody"
		b.refusal(t, odd, "no PriorityClass with name nobody was found")
	})
	t.Run("pull secret", func(t *testing.T) {
		set := []string{"--set", "values.global.imagePullSecrets[0]=regcred", "--set", "hub=registry.example.com/istio"}
		b.finds(t, "PRE019", exitFindings, append([]string{"it does not exist"}, set...)...)
		b.envCreate("secrets", system, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "regcred"}, StringData: map[string]string{"password": "s3same"}})
		r := b.finds(t, "PRE019", exitFindings, append([]string{"its type is Opaque"}, set...)...)
		if strings.Contains(r.out+r.stderr, "s3same") {
			t.Error("precheck prints a secret")
		}
		b.envRemove("secrets", system, "regcred")
	})
	t.Run("terminating", func(t *testing.T) {
		b.envCreate("services", system, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "istiod", Finalizers: []string{"example.com/hold"}}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 443}}},
		})
		b.envRemove("services", system, "istiod")
		b.finds(t, "PRE021", exitFindings, "finalizer example.com/hold")
		b.envRemove("namespaces", "", system)
		b.eventually(t, "the namespace to tell what is left", func() bool {
			r := b.meshctl("precheck", "--select", "PRE021")
			return r.code == exitFindings && strings.Contains(r.out, "nothing can be created in it") && strings.Contains(r.out, "example.com/hold in 1 resource instances")
		})
		b.envPatch("services", system, "istiod", `{"metadata":{"finalizers":null}}`)
	})
}

// finds runs one rule and wants its texts, up to the first flag.
func (b *box) finds(t *testing.T, id string, code int, textsAndFlags ...string) result {
	t.Helper()
	var texts, flags []string
	for i, text := range textsAndFlags {
		if strings.HasPrefix(text, "--") {
			flags = textsAndFlags[i:]
			break
		}
		texts = append(texts, text)
	}
	before := len(b.writes())
	r := b.meshctl(append([]string{"precheck", "--select", id}, flags...)...).wants(t, code, texts...)
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("precheck wrote: %q", w)
	}
	return r
}

// istiodPod is the pod that the default installation's istiod gets.
func istiodPod(t *testing.T) *corev1.Pod {
	t.Helper()
	snap, err := files.Merge(nil, nil, nil, files.Options{Istio: facts.Embedded()})
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := rendered.Render(snap.Configs[0], rendered.Options{Kubernetes: "v1.36.3"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifests {
		if m.Object.GetKind() == "Deployment" && m.Object.GetName() == "istiod" {
			d := &appsv1.Deployment{}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(m.Object.Object, d); err != nil {
				t.Fatal(err)
			}
			return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "istiod", Namespace: system, Labels: d.Spec.Template.Labels}, Spec: d.Spec.Template.Spec}
		}
	}
	t.Fatal("no istiod")
	return nil
}

// refuses is what the API server has against a pod.
func (b *box) refuses(pod *corev1.Pod) error {
	_, err := b.client().CoreV1().Pods(system).Create(b.t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

// refusal wants the API server to refuse a pod for one of the reasons.
func (b *box) refusal(t *testing.T, pod *corev1.Pod, reasons ...string) {
	t.Helper()
	b.eventually(t, "the API server to refuse istiod's pod for "+strings.Join(reasons, " or "), func() bool {
		err := b.refuses(pod)
		for _, reason := range reasons {
			if err != nil && strings.Contains(err.Error(), reason) {
				return true
			}
		}
		return false
	})
}

// counting makes a quota, waits until it counts, and removes it after the test.
func (b *box) counting(t *testing.T, hard corev1.ResourceList) {
	t.Helper()
	b.envCreate("resourcequotas", system, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "frozen"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}})
	t.Cleanup(func() { b.envRemove("resourcequotas", system, "frozen") })
	b.eventually(t, "the quota to be counted", func() bool {
		q, err := b.client().CoreV1().ResourceQuotas(system).Get(t.Context(), "frozen", metav1.GetOptions{})
		return err == nil && len(q.Status.Hard) == len(hard)
	})
}

// cordoned closes every node, and lets the scheduler say what precheck said.
func (b *box) cordoned(t *testing.T, pod *corev1.Pod) {
	nodes, err := b.client().CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes.Items {
		b.envPatch("nodes", "", n.Name, `{"spec":{"unschedulable":true}}`)
	}
	b.finds(t, "PRE015", exitFindings, fmt.Sprintf("0 of %d nodes", len(nodes.Items)), "unschedulable")
	b.envCreate("pods", system, pod)
	b.eventually(t, "the scheduler to find no node", func() bool {
		p, err := b.client().CoreV1().Pods(system).Get(t.Context(), pod.Name, metav1.GetOptions{})
		return err == nil && len(p.Status.Conditions) > 0 && p.Status.Conditions[0].Reason == corev1.PodReasonUnschedulable
	})
	b.envRemove("pods", system, pod.Name)
	for _, n := range nodes.Items {
		b.envPatch("nodes", "", n.Name, `{"spec":{"unschedulable":null}}`)
	}
	b.finds(t, "PRE015", exitFindings, "insufficient memory", "--set", "values.pilot.resources.requests.memory=9000Gi", "--set", "values.pilot.resources.limits.memory=9000Gi")
}

func (b *box) envCreate(kind, namespace string, o runtime.Object) {
	b.t.Helper()
	if err := b.client().CoreV1().RESTClient().Post().NamespaceIfScoped(namespace, namespace != "").Resource(kind).Body(o).Do(b.t.Context()).Error(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) envPatch(kind, namespace, name, text string) {
	b.t.Helper()
	err := b.client().CoreV1().RESTClient().Patch(types.MergePatchType).NamespaceIfScoped(namespace, namespace != "").Resource(kind).Name(name).Body([]byte(text)).Do(b.t.Context()).Error()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) envRemove(kind, namespace, name string) {
	b.t.Helper()
	err := b.client().CoreV1().RESTClient().Delete().NamespaceIfScoped(namespace, namespace != "").Resource(kind).Name(name).Do(b.t.Context()).Error()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	err := polling.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) { return ok(), nil })
	if err != nil {
		t.Fatalf("waited in vain for %s", what)
	}
}

// silentService puts an API service before a kind that nobody serves, and wants
// nobody to claim that the kind is unknown.
func (b *box) silentService(t *testing.T) {
	const path, name = "/apis/apiregistration.k8s.io/v1/apiservices", "v1.k8s.cni.cncf.io"
	b.create(t, path, `{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"`+name+`"},
		"spec":{"group":"k8s.cni.cncf.io","version":"v1","groupPriorityMinimum":100,"versionPriority":100,"insecureSkipTLSVerify":true,"service":{"name":"none","namespace":"default"}}}`)
	client := b.client().CoreV1().RESTClient()
	defer client.Delete().AbsPath(path, name).Do(context.Background())
	discovered := func(ctx context.Context) (bool, error) {
		text, err := client.Get().AbsPath("/apis").SetHeader("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList").Do(ctx).Raw()
		return strings.Contains(string(text), "k8s.cni.cncf.io"), err
	}
	if err := polling.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 20*time.Second, true, discovered); err != nil {
		t.Fatal(err)
	}
	r := b.meshctl("precheck", "--set", "profile=openshift", "--platform", "openshift")
	for _, id := range []string{"PRE010 unknown-kind", "PRE040 object-refused"} {
		if !strings.Contains(r.out, id+": skipped: ") {
			t.Errorf("not skipped: %s\n%s", id, r.out)
		}
	}
	r.wants(t, r.code, "API service "+name+" does not answer, so nothing is known of kind NetworkAttachmentDefinition")
}
