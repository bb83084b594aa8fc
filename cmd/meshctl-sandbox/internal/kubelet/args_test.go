package kubelet

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestArgumentsMoveEveryListener(t *testing.T) {
	asked := []string{"discovery", "--monitoringAddr=:15099", "--grpcAddr", "", "--domain", "cluster.local"}
	args, ports, err := arguments(asked, "/k")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(args[:len(asked)], asked) {
		t.Errorf("the pod's own arguments changed: %v", args)
	}
	for _, port := range []int{8080, 15017, 15012, 15099} {
		if ports[port] == 0 {
			t.Errorf("port %d is not mapped: %v", port, ports)
		}
	}
	if len(ports) != 4 {
		t.Errorf("ports nobody asked for: %v", ports)
	}
	if want := fmt.Sprintf("--monitoringAddr=127.0.0.1:%d", ports[15099]); !slices.Contains(args, want) {
		t.Errorf("no %s in %v", want, args)
	}
	if _, _, err := arguments([]string{"--httpAddr=nonsense"}, "/k"); err == nil {
		t.Error("an address without a port was accepted")
	}
}

func TestEnvironmentResolvesReferences(t *testing.T) {
	client := fake.NewClientset(
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c", Namespace: "n"}, Data: map[string]string{"k": "from map"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node"}},
	)
	key := func(name, key string, optional bool) *corev1.EnvVarSource {
		return &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key, Optional: &optional,
		}}
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", Labels: map[string]string{"l": "v"}},
		Spec: corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{{Name: "discovery", Env: []corev1.EnvVar{
			{Name: "NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
			{Name: "LABEL", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.labels['l']"}}},
			{Name: "IP", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}},
			{Name: "MAP", ValueFrom: key("c", "k", false)},
			{Name: "ABSENT", ValueFrom: key("none", "k", true)},
			{Name: "BOTH", Value: "$(NAME)/$(LABEL)"},
			{Name: "KUBECONFIG", Value: "/var/run/secrets/remote/config"},
		}}}},
	}
	w := newWorker(New(Config{Client: client, Dir: "/d"}), pod, "10.0.0.1")
	env, err := w.environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"NAME": "p", "LABEL": "v", "IP": "10.0.0.1", "MAP": "from map", "BOTH": "p/v", "KUBECONFIG": w.kubeconfig(),
	}
	for name, value := range want {
		if env[name] != value {
			t.Errorf("%s=%q, want %q", name, env[name], value)
		}
	}
	if _, found := env["ABSENT"]; found {
		t.Error("an optional variable that has no value is set")
	}
	pod.Spec.Containers[0].Env[3].ValueFrom = key("c", "missing", false)
	if _, err := w.environment(t.Context()); err == nil {
		t.Error("a missing key was accepted")
	}
}
