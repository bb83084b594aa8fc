package mesh_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
)

func containers(names ...string) []corev1.Container {
	var out []corev1.Container
	for _, name := range names {
		out = append(out, corev1.Container{Name: name})
	}
	return out
}

func TestWhoseWorkload(t *testing.T) {
	for name, tc := range map[string]struct {
		labels, annotations map[string]string
		names               []string
		gateway, ofIstio    bool
	}{
		"application":       {names: []string{"cart"}},
		"with sidecar":      {names: []string{"cart", "istio-proxy"}},
		"gateway":           {names: []string{"istio-proxy"}, gateway: true},
		"template":          {names: []string{"auto"}, annotations: map[string]string{"inject.istio.io/templates": "sidecar, gateway"}, gateway: true},
		"waypoint":          {names: []string{"proxy"}, labels: map[string]string{"gateway.istio.io/managed": "istio.io-mesh-controller"}, gateway: true},
		"istiod":            {names: []string{"discovery"}, labels: map[string]string{"app": "istiod"}, ofIstio: true},
		"ztunnel":           {names: []string{"istio-proxy"}, labels: map[string]string{"app": "ztunnel"}, gateway: true, ofIstio: true},
		"application named": {names: []string{"cart"}, labels: map[string]string{"app": "istio"}},
	} {
		w := &mesh.Workload{Object: &corev1.Pod{}, Labels: tc.labels, Annotations: tc.annotations, Spec: &corev1.PodSpec{Containers: containers(tc.names...)}}
		if w.IsGateway() != tc.gateway || w.OfIstio() != tc.ofIstio {
			t.Errorf("%s: gateway %v, of Istio %v", name, w.IsGateway(), w.OfIstio())
		}
	}
}

func TestAppContainers(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	w := &mesh.Workload{
		Object: &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "cart"}},
		Spec:   &corev1.PodSpec{InitContainers: containers("istio-init", "migrate", "shipper"), Containers: containers("istio-proxy", "cart")},
	}
	if !w.Injected() {
		t.Error("a pod with istio-init passes for one that was not injected")
	}
	w.Spec.InitContainers[2].RestartPolicy = &always
	want := []struct {
		path string
		init bool
	}{{"spec.initContainers[1]", true}, {"spec.initContainers[2]", false}, {"spec.containers[1]", false}}
	got := w.AppContainers()
	if len(got) != len(want) {
		t.Fatalf("%d containers", len(got))
	}
	for i, c := range got {
		if c.Path != want[i].path || c.Init != want[i].init {
			t.Errorf("%s, init %v; want %v", c.Path, c.Init, want[i])
		}
	}
}
