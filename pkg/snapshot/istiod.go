package snapshot

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// LeaveToIstiod returns what should be applied over a live object: the
// manifest without the fields that istiod writes itself. A validating webhook
// is installed with failurePolicy Ignore and turned to Fail by istiod once it
// can answer; applying Ignore again would open the gate for a moment and look
// like drift for ever. The caBundle is never part of a manifest.
func LeaveToIstiod(want, live *unstructured.Unstructured) *unstructured.Unstructured {
	if live == nil || want.GetKind() != "ValidatingWebhookConfiguration" {
		return want
	}
	policies := failurePolicies(live)
	out := want.DeepCopy()
	hooks, _, _ := unstructured.NestedSlice(out.Object, "webhooks")
	for _, h := range hooks {
		hook, ok := h.(map[string]any)
		if !ok {
			continue
		}
		name, _ := hook["name"].(string)
		if policies[name] == "Fail" {
			delete(hook, "failurePolicy")
		}
	}
	_ = unstructured.SetNestedSlice(out.Object, hooks, "webhooks")
	return out
}

func failurePolicies(o *unstructured.Unstructured) map[string]string {
	out := map[string]string{}
	hooks, _, _ := unstructured.NestedSlice(o.Object, "webhooks")
	for _, h := range hooks {
		if hook, ok := h.(map[string]any); ok {
			name, _ := hook["name"].(string)
			policy, _ := hook["failurePolicy"].(string)
			out[name] = policy
		}
	}
	return out
}
