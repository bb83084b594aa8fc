package snapshot

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func webhook(kind string, hook map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"kind": kind, "webhooks": []any{hook}}}
}

func TestLeaveToIstiod(t *testing.T) {
	want := func(kind string) *unstructured.Unstructured {
		return webhook(kind, map[string]any{"name": "a", "failurePolicy": "Ignore", "clientConfig": map[string]any{}})
	}
	live := func(kind string) *unstructured.Unstructured {
		return webhook(kind, map[string]any{"name": "a", "failurePolicy": "Fail", "clientConfig": map[string]any{"caBundle": "Q0E="}})
	}
	for kind, policy := range map[string]any{"ValidatingWebhookConfiguration": nil, "MutatingWebhookConfiguration": "Ignore"} {
		in := want(kind)
		hooks, _, _ := unstructured.NestedSlice(LeaveToIstiod(in, live(kind)).Object, "webhooks")
		hook := hooks[0].(map[string]any)
		if hook["failurePolicy"] != policy {
			t.Errorf("%s: failurePolicy %v, want %v", kind, hook["failurePolicy"], policy)
		}
		if bundle, _, _ := unstructured.NestedString(hook, "clientConfig", "caBundle"); bundle != "Q0E=" {
			t.Errorf("%s: the CA bundle would be taken away", kind)
		}
		if LeaveToIstiod(in, nil) != in {
			t.Errorf("%s: a new object must be applied as it is", kind)
		}
		if before, _, _ := unstructured.NestedSlice(in.Object, "webhooks"); before[0].(map[string]any)["failurePolicy"] != "Ignore" {
			t.Errorf("%s: the manifest was changed", kind)
		}
	}
}
