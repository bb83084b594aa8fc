package revision

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

var tags = []snapshot.Tag{{Name: "default", Revision: "canary"}, {Name: "prod", Revision: "canary"}, {Name: "stable", Revision: "default"}}

func object(kind, class string, labels map[string]string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"kind": kind, "metadata": map[string]any{"name": "o"}, "spec": map[string]any{"gatewayClassName": class}}}
	o.SetLabels(labels)
	return o
}

// TestNamespaces resolves labels through tags, as the webhooks do.
func TestNamespaces(t *testing.T) {
	q := Question{Revision: "canary", Tags: tags, Ambient: true}
	for name, tc := range map[string]struct {
		labels            map[string]string
		injected, ambient int
	}{
		"by the revision":           {map[string]string{"istio.io/rev": "canary"}, 1, 0},
		"through a tag":             {map[string]string{"istio.io/rev": "prod"}, 1, 0},
		"through the default tag":   {map[string]string{"istio-injection": "enabled"}, 1, 0},
		"injection label wins":      {map[string]string{"istio-injection": "enabled", "istio.io/rev": "stable"}, 1, 0},
		"injection is off":          {map[string]string{"istio-injection": "disabled", "istio.io/rev": "canary"}, 0, 0},
		"another revision":          {map[string]string{"istio.io/rev": "stable"}, 0, 0},
		"none":                      {nil, 0, 0},
		"ambient":                   {map[string]string{"istio.io/dataplane-mode": "ambient"}, 0, 1},
		"not in ambient any longer": {map[string]string{"istio.io/dataplane-mode": "none"}, 0, 0},
	} {
		var injected, ambient Use
		q.namespace(object("Namespace", "", tc.labels), &injected, &ambient)
		if injected.Count != tc.injected || ambient.Count != tc.ambient {
			t.Errorf("%s: %d, %d", name, injected.Count, ambient.Count)
		}
	}
}

// TestPods counts proxies, but not those of the installation itself.
func TestPods(t *testing.T) {
	gateway := snapshot.Key{Group: "apps", Kind: "Deployment", Namespace: "mesh", Name: "gateway"}
	q := Question{Revision: "canary", Own: map[snapshot.Key]bool{gateway: true}}
	owned := func(kind, name string) []metav1.OwnerReference {
		return []metav1.OwnerReference{{Kind: kind, Name: name}}
	}
	for name, tc := range map[string]struct {
		meta metav1.ObjectMeta
		want int
	}{
		"injected":           {metav1.ObjectMeta{Annotations: map[string]string{"istio.io/rev": "canary"}}, 1},
		"by its status":      {metav1.ObjectMeta{Annotations: map[string]string{"sidecar.istio.io/status": `{"revision":"canary"}`}}, 1},
		"broken status":      {metav1.ObjectMeta{Annotations: map[string]string{"sidecar.istio.io/status": `{`}}, 0},
		"another revision":   {metav1.ObjectMeta{Annotations: map[string]string{"istio.io/rev": "default"}}, 0},
		"asks, has none":     {metav1.ObjectMeta{Labels: map[string]string{"istio.io/rev": "canary"}}, 0},
		"its own gateway":    {metav1.ObjectMeta{Namespace: "mesh", Annotations: map[string]string{"istio.io/rev": "canary"}, Labels: map[string]string{"pod-template-hash": "abc"}, OwnerReferences: owned("ReplicaSet", "gateway-abc")}, 0},
		"of the same name":   {metav1.ObjectMeta{Namespace: "shop", Annotations: map[string]string{"istio.io/rev": "canary"}, Labels: map[string]string{"pod-template-hash": "abc"}, OwnerReferences: owned("ReplicaSet", "gateway-abc")}, 1},
		"a node's own agent": {metav1.ObjectMeta{Namespace: "mesh", OwnerReferences: owned("DaemonSet", "ztunnel")}, 0},
	} {
		var proxies Use
		q.pod(&metav1.PartialObjectMetadata{ObjectMeta: tc.meta}, &proxies)
		if proxies.Count != tc.want {
			t.Errorf("%s: %d", name, proxies.Count)
		}
	}
}

// TestGateways finds out which revision runs a Gateway.
func TestGateways(t *testing.T) {
	q := Question{Revision: "canary", Tags: tags}
	for name, tc := range map[string]struct {
		class        string
		labels, home map[string]string
		want         int
	}{
		"its own label":    {"istio", map[string]string{"istio.io/rev": "prod"}, nil, 1},
		"of its namespace": {"istio-waypoint", nil, map[string]string{"istio.io/rev": "canary"}, 1},
		"the default one":  {"istio", nil, nil, 1},
		"another's class":  {"nginx", map[string]string{"istio.io/rev": "canary"}, nil, 0},
		"another revision": {"istio", map[string]string{"istio.io/rev": "stable"}, map[string]string{"istio.io/rev": "canary"}, 0},
	} {
		var managed Use
		q.gateway(object("Gateway", tc.class, tc.labels), tc.home, &managed)
		if managed.Count != tc.want {
			t.Errorf("%s: %d", name, managed.Count)
		}
	}
}

func TestUseNamesTheFirst(t *testing.T) {
	u := Use{What: "pods"}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		u.add(name)
	}
	if got := u.String(); got != "7 pods: a, b, c, d, e and 2 more" {
		t.Error(got)
	}
}
