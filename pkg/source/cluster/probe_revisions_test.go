package cluster

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func injector(namespaceSelector, objectSelector map[string]any) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"kind": "MutatingWebhookConfiguration", "webhooks": []any{
		map[string]any{"name": "x", "namespaceSelector": namespaceSelector, "objectSelector": objectSelector},
	}}}
	o.SetLabels(map[string]string{"app": "sidecar-injector", "istio.io/rev": "1-30", "istio.io/tag": "prod"})
	return o
}

func expression(key, operator string, values ...any) map[string]any {
	return map[string]any{"matchExpressions": []any{map[string]any{"key": key, "operator": operator, "values": values}}}
}

// TestPlaces wants a probe to go where the webhook's selectors match, labelled
// namespaces first, and never to the system's own.
func TestPlaces(t *testing.T) {
	var namespaces []*corev1.Namespace
	for name, labels := range map[string]map[string]string{
		"kube-system": {"istio.io/rev": "prod"}, "shop": {"istio.io/rev": "prod"}, "plain": nil,
	} {
		namespaces = append(namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
	}
	for name, tc := range map[string]struct {
		config *unstructured.Unstructured
		want   string
	}{
		"by namespace":    {injector(expression("istio.io/rev", "In", "prod"), nil), "[{shop map[sidecar.istio.io/inject:true]}]"},
		"by object":       {injector(expression("istio.io/rev", "DoesNotExist"), expression("istio.io/rev", "In", "prod")), "[{plain map[istio.io/rev:prod sidecar.istio.io/inject:true]}]"},
		"neither":         {injector(expression("istio.io/rev", "In", "other"), nil), "[]"},
		"not to be asked": {injector(expression("istio.io/rev", "In", "prod"), expression("sidecar.istio.io/inject", "DoesNotExist")), "[{shop map[]}]"},
	} {
		if got := fmt.Sprint(places(namespaces, tc.config)); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	off := map[string]any{"matchLabels": map[string]any{"istio.io/deactivated": "never-match"}}
	if !snapshot.Deactivated(injector(off, off)) || snapshot.Deactivated(injector(nil, nil)) {
		t.Error("a deactivated injector is not told from one at work")
	}
}
