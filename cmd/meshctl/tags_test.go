package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestCanary goes the way of a canary upgrade: two control planes, a tag that
// is moved, the default tag that is moved, the old one removed. istioctl has to
// see the same tags all along.
func TestCanary(t *testing.T) {
	b := startSandbox(t)
	minimal := []string{"install", "-y", "--set", "profile=minimal"}
	b.meshctl(minimal...).wants(t, exitOK)
	b.meshctl(append(minimal, "--revision", "canary")...).wants(t, exitOK)
	b.sameTags(t, "default=default")

	before := len(b.writes())
	b.meshctl("tag", "set", "prod", "--revision", "canary", "--dry-run").wants(t, exitOK, "+ MutatingWebhookConfiguration/istio-revision-tag-prod", "+ Service/istio-system/istiod-revision-tag-prod")
	b.meshctl("tag", "set", "prod", "--revision", "nope").wants(t, exitUsage, "no control plane of revision nope is installed; there are: canary, default")
	b.meshctl("tag", "set", "canary", "--revision", "default").wants(t, exitFindings, "canary is the name of a revision that is installed")
	b.meshctl("tag", "remove", "prod").wants(t, exitUsage, "there is no tag prod; there are: default")
	b.meshctl("tag", "set", "Prod_1", "--revision", "canary").wants(t, exitUsage)
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("a dry run and refusals wrote: %q", w)
	}
	b.meshctl("tag", "set", "prod", "--revision", "canary").wants(t, exitOK, "tag prod stands for revision canary")
	b.likeIstioctls(t, "prod", "canary")
	t.Run("in use", b.tagInUse)
	t.Run("default", b.moveDefault)
	t.Run("uninstall", b.uninstallOld)
}

// sameTags wants the tags NAME=REVISION, from meshctl and istioctl alike.
func (b *box) sameTags(t *testing.T, want ...string) {
	t.Helper()
	cmd := exec.Command(builtBinary(t, "istioctl"), "tag", "list", "-o", "json", "--kubeconfig", b.Kubeconfig())
	theirs, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string]string{"istioctl": string(theirs), "meshctl": b.meshctl("tag", "list", "-o", "json").wants(t, exitOK).out}
	for who, text := range lists {
		var tags []struct{ Tag, Revision string }
		if err := json.Unmarshal([]byte(text), &tags); err != nil {
			t.Fatalf("%s: %v\n%s", who, err, text)
		}
		got := map[string]bool{}
		for _, tag := range tags {
			if tag.Tag != "" { // istioctl takes the Service of a named revision for one
				got[tag.Tag+"="+tag.Revision] = true
			}
		}
		for _, w := range want {
			if !got[w] || len(got) != len(want) {
				t.Errorf("%s lists %v, want %q", who, got, want)
			}
		}
	}
}

// likeIstioctls has istioctl set the same tag and wants nothing to change.
func (b *box) likeIstioctls(t *testing.T, tag, revision string) {
	t.Helper()
	read := func() (*admissionv1.MutatingWebhookConfiguration, *corev1.Service) {
		hook, err := b.client().AdmissionregistrationV1().MutatingWebhookConfigurations().Get(t.Context(), "istio-revision-tag-"+tag, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		service, err := b.client().CoreV1().Services("istio-system").Get(t.Context(), "istiod-revision-tag-"+tag, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return hook, service
	}
	hook, service := read()
	cmd := exec.Command(builtBinary(t, "istioctl"), "tag", "set", tag, "--revision", revision, "--overwrite", "-y", "--kubeconfig", b.Kubeconfig())
	cmd.Env = os.Environ()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	theirHook, theirService := read()
	if !reflect.DeepEqual(hook.Webhooks, theirHook.Webhooks) || !reflect.DeepEqual(hook.Labels, theirHook.Labels) {
		t.Errorf("istioctl makes another injector:\n%+v\n%+v\n%v\n%v", hook.Webhooks[0], theirHook.Webhooks[0], hook.Labels, theirHook.Labels)
	}
	if !reflect.DeepEqual(service.Spec, theirService.Spec) || !reflect.DeepEqual(service.Labels, theirService.Labels) {
		t.Errorf("istioctl makes another service:\n%+v\n%+v", service, theirService)
	}
}

// tagInUse labels a namespace with the tag, and wants its pods to follow it.
func (b *box) tagInUse(t *testing.T) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{"istio.io/rev": "prod"}}}
	if _, err := b.client().CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	b.injects(t, "shop", "canary")
	b.meshctl("tag", "list").wants(t, exitOK, "shop")
	b.meshctl("tag", "remove", "prod", "-y").wants(t, exitFindings, "in use: 1 namespace is injected through it: shop", "nothing was removed")
	b.meshctl("tag", "set", "prod", "--revision", "default").wants(t, exitFindings, "tag prod moves from revision canary to default", "injected through it: shop", "cancelled, nothing was changed")
	b.sameTags(t, "default=default", "prod=canary")
	b.meshctl("tag", "set", "prod", "--revision", "default", "-y").wants(t, exitOK)
	b.sameTags(t, "default=default", "prod=default")
	b.injects(t, "shop", "default")
}

// injects sends a pod as a dry run and wants the proxy of a revision.
func (b *box) injects(t *testing.T, namespace, revision string) {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "p-"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "registry.invalid/app:1"}}}}
	got, err := b.client().CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil || got.Annotations["istio.io/rev"] != revision {
		t.Errorf("a pod in %s gets revision %q, want %q: %v", namespace, got.Annotations["istio.io/rev"], revision, err)
	}
}

// moveDefault wants both control planes to be right afterwards: one lost the
// default tag because somebody wanted it so.
func (b *box) moveDefault(t *testing.T) {
	b.meshctl("tag", "set", "default", "--revision", "default", "-y").wants(t, exitOK)
	b.tagIsNobodys(t)
	b.plainRevision(t)
	b.meshctl("tag", "set", "default", "--revision", "canary", "-y").wants(t, exitOK)
	b.tagIsNobodys(t)
	b.sameTags(t, "default=canary", "prod=default")
	hook, err := b.client().AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(t.Context(), "istiod-default-validator", metav1.GetOptions{})
	if err != nil || hook.Webhooks[0].ClientConfig.Service.Name != "istiod-canary" || *hook.Webhooks[0].FailurePolicy != admissionv1.Fail {
		t.Errorf("the default validator: %+v, %v", hook.Webhooks[0], err)
	}
	b.relabel(t, `{"istio.io/rev":null,"istio-injection":"enabled"}`)
	b.injects(t, "shop", "canary")
	b.relabel(t, `{"istio.io/rev":"prod","istio-injection":null}`)
	b.meshctl("verify").wants(t, exitOK, "of revision canary (recorded", "of revision default (recorded")
}

// tagIsNobodys wants a default tag that was set by hand to be neither drift of
// an installation nor planned back by one.
func (b *box) tagIsNobodys(t *testing.T) {
	t.Helper()
	b.meshctl("verify", "--select", "POST001,POST030", "--fail-on", "warning").wants(t, exitOK)
	for _, revision := range []string{"default", "canary"} {
		r := b.meshctl("plan", "--revision", revision)
		if strings.Contains(r.out, "tag-default") || strings.Contains(r.out, "default-validator") {
			t.Errorf("revision %s plans the tag back:\n%s", revision, r.out)
		}
	}
}

func (b *box) relabel(t *testing.T, labels string) {
	t.Helper()
	if _, err := b.client().CoreV1().Namespaces().Patch(t.Context(), "shop", types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"labels":%s}}`, labels), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// plainRevision makes the revision without a name act as charts install it, by
// itself and without a tag. Its users are to be named before the default tag
// takes its place, and it has to go on as long as that has not come about.
func (b *box) plainRevision(t *testing.T) {
	t.Helper()
	hooks := b.client().AdmissionregistrationV1().MutatingWebhookConfigurations()
	tag, err := hooks.Get(t.Context(), "istio-revision-tag-default", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(map[string]any{"webhooks": tag.Webhooks})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hooks.Patch(t.Context(), "istio-sidecar-injector", types.MergePatchType, plain, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	b.relabel(t, `{"istio.io/rev":null,"istio-injection":"enabled"}`)
	b.meshctl("tag", "remove", "default", "-y", "--force").wants(t, exitOK)
	b.injects(t, "shop", "default")
	b.meshctl("tag", "set", "default", "--revision", "canary").wants(t, exitFindings, "tag default moves from revision default to canary",
		"namespace is injected through it: shop", "cancelled, nothing was changed")
	p := b.startProxy(t)
	p.inject(answer(http.StatusUnprocessableEntity, ""), func(r *http.Request) bool {
		return isWrite(r) && strings.HasSuffix(r.URL.Path, "/istio-revision-tag-default")
	}, all)
	p.meshctl("tag", "set", "default", "--revision", "canary", "-y").wants(t, exitFailed, "applying MutatingWebhookConfiguration/istio-revision-tag-default")
	b.injects(t, "shop", "default")
}

// uninstallOld wants a use through a tag to be seen, and the default tag and
// its validator, which moved, to survive.
func (b *box) uninstallOld(t *testing.T) {
	b.sharedOnce(t)
	b.meshctl("uninstall", "--revision", "default", "-y").wants(t, exitFindings, "namespace is injected by it: shop", "tag prod points to this revision", "nothing was removed")
	b.meshctl("tag", "set", "prod", "--revision", "canary", "-y").wants(t, exitOK)
	r := b.meshctl("uninstall", "--revision", "default", "-y").wants(t, exitOK, "Service/istio-system/istiod-revision-tag-default stays: it serves tag default, which stands for revision canary",
		"ValidatingWebhookConfiguration/istiod-default-validator stays: it serves tag default")
	if strings.Contains(r.stderr, "canary") {
		t.Errorf("more than the old control plane was removed:\n%s", r.stderr)
	}
	b.sameTags(t, "default=canary", "prod=canary")
	b.injects(t, "shop", "canary")
	b.meshctl("verify").wants(t, exitOK)
	b.relabel(t, `{"istio.io/rev":"canary"}`)
	b.meshctl("tag", "remove", "prod", "-y").wants(t, exitOK, "tag prod is removed")
	b.sameTags(t, "default=canary")
	b.uninstallTags(t)
}

// sharedOnce wants what two control planes share to be counted for one of them.
func (b *box) sharedOnce(t *testing.T) {
	r := b.meshctl("uninstall", "--all", "--force", "--dry-run").wants(t, exitOK)
	for _, name := range []string{"istio-system/istio-reader-service-account", "ValidatingWebhookConfiguration/istiod-default-validator stays"} {
		if n, want := strings.Count(r.out, name), strings.Count(name, "reader"); n != want {
			t.Errorf("%s is told %d times, want %d:\n%s", name, n, want, r.out)
		}
	}
}

// uninstallTags wants tags to go with the last control plane, and a record of
// which nothing else is left not to go without a question.
func (b *box) uninstallTags(t *testing.T) {
	b.meshctl("tag", "set", "prod", "--revision", "canary", "-y").wants(t, exitOK)
	secrets := b.client().CoreV1().Secrets("istio-system")
	record, err := secrets.Get(t.Context(), "meshctl-canary", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b.meshctl("uninstall", "--all", "-y", "--force").wants(t, exitOK, "tag default goes too", "tag prod goes too", "- Service: istio-system/istiod-canary, istio-system/istiod-revision-tag-default, istio-system/istiod-revision-tag-prod")
	b.meshctl("tag", "list").wants(t, exitOK, "no revision tags")
	record.ObjectMeta = metav1.ObjectMeta{Name: record.Name, Namespace: record.Namespace, Labels: record.Labels}
	if _, err := secrets.Create(t.Context(), record, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	b.meshctl("uninstall").wants(t, exitFindings, "of this installation nothing is left but the record", "cancelled, nothing was removed")
	b.meshctl("uninstall", "-y").wants(t, exitOK)
}
