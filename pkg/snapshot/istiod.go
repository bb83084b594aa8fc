package snapshot

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
)

// LeaveToIstiod returns what should be applied over a live object: the
// manifest with the fields that istiod writes itself left as they are. A
// validating webhook is installed with failurePolicy Ignore and turned to Fail
// by istiod once it can answer; applying Ignore again would open the gate for
// a moment and look like drift for ever. A CA bundle that the values do not give
// is istiod's; an installation that once wrote it, as istioctl's does for the
// default tag, would take it away by leaving it out. On AKS the platform's own
// exceptions stay too.
func LeaveToIstiod(want, live *unstructured.Unstructured) *unstructured.Unstructured {
	if live == nil || !strings.HasSuffix(want.GetKind(), "WebhookConfiguration") {
		return want
	}
	have, guarded := webhooksByName(live), guardedByAKS(live)
	out := want.DeepCopy()
	hooks, _, _ := unstructured.NestedSlice(out.Object, "webhooks")
	for _, h := range hooks {
		hook, _ := h.(map[string]any)
		name, _ := hook["name"].(string)
		own, _, _ := unstructured.NestedString(hook, "clientConfig", "caBundle")
		if selector, found := have[name]["namespaceSelector"]; guarded && found {
			hook["namespaceSelector"] = selector
		}
		if bundle, _, _ := unstructured.NestedString(have[name], "clientConfig", "caBundle"); own == "" && bundle != "" {
			_ = unstructured.SetNestedField(hook, bundle, "clientConfig", "caBundle")
		}
		if want.GetKind() == "ValidatingWebhookConfiguration" && have[name]["failurePolicy"] == "Fail" {
			delete(hook, "failurePolicy")
		}
	}
	_ = unstructured.SetNestedSlice(out.Object, hooks, "webhooks")
	return out
}

// guardedByAKS says whether Azure's admissions enforcer has taken the system's
// namespaces out of a webhook. It does so again whenever that is undone
// (learn.microsoft.com/azure/aks/faq, "admission controller webhooks").
func guardedByAKS(live *unstructured.Unstructured) bool {
	for _, m := range live.GetManagedFields() {
		if m.Manager == "admissionsenforcer" {
			return true
		}
	}
	return false
}

// AdmissionWebhooks returns copies of the webhooks of a Mutating- or
// ValidatingWebhookConfiguration.
func AdmissionWebhooks(o *unstructured.Unstructured) []map[string]any {
	var out []map[string]any
	hooks, _, _ := unstructured.NestedSlice(o.Object, "webhooks")
	for _, h := range hooks {
		if hook, ok := h.(map[string]any); ok {
			out = append(out, hook)
		}
	}
	return out
}

// Deactivated says whether no webhook of a configuration matches anything, on
// purpose: an injector is left so where a tag does its work.
func Deactivated(o *unstructured.Unstructured) bool {
	return !slices.ContainsFunc(AdmissionWebhooks(o), func(hook map[string]any) bool {
		_, off, _ := unstructured.NestedString(hook, "namespaceSelector", "matchLabels", "istio.io/deactivated")
		return !off
	})
}

func webhooksByName(o *unstructured.Unstructured) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, hook := range AdmissionWebhooks(o) {
		name, _ := hook["name"].(string)
		out[name] = hook
	}
	return out
}

// ControlPlaneImage is the image that a Deployment of istiod runs; "" where it
// has none.
func ControlPlaneImage(d *unstructured.Unstructured) string {
	containers, _, _ := unstructured.NestedSlice(d.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		if m, ok := c.(map[string]any); ok && m["name"] == "discovery" {
			image, _ := m["image"].(string)
			return image
		}
	}
	return ""
}

// ControlPlaneMinor is the version that a Deployment of istiod runs, as far as
// the tag of its image tells.
func ControlPlaneMinor(d *unstructured.Unstructured) (facts.Minor, error) {
	image := ControlPlaneImage(d)
	return facts.ParseMinor(image[strings.LastIndex(image, ":")+1:])
}

// OfIstiod says whether a webhook configuration is Istio's: the charts label
// injectors and validators so, and each has a revision.
func OfIstiod(o *unstructured.Unstructured) bool {
	l := o.GetLabels()
	return l["istio.io/rev"] != "" && (l["app"] == "sidecar-injector" || l["app"] == "istiod")
}
