package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/meshctl/meshctl/pkg/sandbox"
)

// The size of the cluster in BenchmarkLargeCluster.
const (
	manyNodes, manyNamespaces, manyServices, manyPods = 1000, 100, 2000, 5000
	// loaders is how many requests create it at once.
	loaders = 16
)

func benchSandbox(b *testing.B) *sandbox.Sandbox {
	b.Helper()
	path, err := sandbox.FindBinary("../../bin/meshctl-sandbox")
	if err != nil {
		b.Fatal(err)
	}
	box, err := sandbox.Start(b.Context(), sandbox.Options{Binary: path, NoAudit: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = box.Stop(context.Background()) })
	b.Setenv("KUBECONFIG", box.Kubeconfig())
	b.Setenv("AUTO_GKE_DETECTION", "false")
	return box
}

// BenchmarkPrecheck asks an empty cluster, next to istioctl.
func BenchmarkPrecheck(b *testing.B) {
	benchSandbox(b)
	sideBySide(b, []string{"precheck"}, []string{"x", "precheck"})
}

// BenchmarkInstall installs the default profile with all checks before and
// after, next to istioctl, which makes none. What was installed is removed
// between the rounds.
func BenchmarkInstall(b *testing.B) {
	benchSandbox(b)
	istioctl := copied(b, "istioctl")
	for _, peer := range []struct {
		program string
		args    []string
	}{
		{"istioctl", []string{"install", "-y", "--set", "hub=docker.io/istio", "--set", "tag=1.31.0"}},
		{"meshctl", []string{"install", "-y"}},
	} {
		b.Run(peer.program, func(b *testing.B) {
			program := copied(b, peer.program)
			for b.Loop() {
				bench(b, program, peer.args...)
				b.StopTimer()
				bench(b, istioctl, "uninstall", "--purge", "-y")
				b.StartTimer()
			}
		})
	}
}

func bench(b *testing.B, program string, args ...string) {
	b.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		b.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

// BenchmarkLargeCluster looks at a mesh of 5,000 pods, 2,000 services and
// 1,000 nodes.
func BenchmarkLargeCluster(b *testing.B) {
	box := benchSandbox(b)
	bench(b, copied(b, "meshctl"), "install", "-y")
	populate(b, box.Kubeconfig())
	for _, args := range [][]string{{"precheck", "--fail-on", "never"}, {"verify", "--fail-on", "never"}} {
		b.Run(args[0], func(b *testing.B) {
			program := copied(b, "meshctl")
			for b.Loop() {
				bench(b, program, args...)
			}
			b.ReportMetric(peakMemory(b, program, args), "MB-resident")
		})
	}
}

// populate fills a cluster through its API server, and waits until the
// simulated kubelets have started every pod.
func populate(b *testing.B, kubeconfig string) {
	b.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		b.Fatal(err)
	}
	cfg.QPS, cfg.Burst = 2000, 2000
	c := kubernetes.NewForConfigOrDie(cfg)
	many(b, manyNodes, func(i int) error {
		_, err := c.CoreV1().Nodes().Create(b.Context(), largeNode(i), metav1.CreateOptions{})
		return err
	})
	many(b, manyNamespaces, func(i int) error {
		_, err := c.CoreV1().Namespaces().Create(b.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: team(i)}}, metav1.CreateOptions{})
		return err
	})
	many(b, manyServices, func(i int) error {
		_, err := c.CoreV1().Services(team(i)).Create(b.Context(), largeService(i), metav1.CreateOptions{})
		return err
	})
	many(b, manyPods, func(i int) error {
		_, err := c.CoreV1().Pods(team(i)).Create(b.Context(), largePod(i), metav1.CreateOptions{})
		return err
	})
	many(b, manyNamespaces, func(i int) error {
		_, err := c.CoreV1().Namespaces().Patch(b.Context(), team(i), types.MergePatchType, []byte(`{"metadata":{"labels":{"istio-injection":"enabled"}}}`), metav1.PatchOptions{})
		return err
	})
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(2 * time.Second) {
		list, err := c.CoreV1().Pods("").List(b.Context(), metav1.ListOptions{FieldSelector: "status.phase=Pending", Limit: 1})
		if err == nil && len(list.Items) == 0 {
			return
		}
		if time.Now().After(deadline) {
			b.Fatal("the pods do not start", err)
		}
	}
}

// many calls a function for 0 to n-1, several at a time.
func many(b *testing.B, n int, create func(int) error) {
	b.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for first := range loaders {
		wg.Go(func() {
			for i := first; i < n; i += loaders {
				errs[i] = create(i)
			}
		})
	}
	wg.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		b.Fatal(errs[i])
	}
}

func team(i int) string { return fmt.Sprintf("team-%03d", i%manyNamespaces) }

func largeNode(i int) *corev1.Node {
	room := corev1.ResourceList{"cpu": resource.MustParse("16"), "memory": resource.MustParse("64Gi"), "pods": resource.MustParse("110")}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%04d", i), Labels: map[string]string{"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": fmt.Sprintf("node-%04d", i)}},
		Status: corev1.NodeStatus{Capacity: room, Allocatable: room, NodeInfo: corev1.NodeSystemInfo{
			Architecture: "amd64", OperatingSystem: "linux", KubeletVersion: "v1.36.3", KernelVersion: "6.12.48", OSImage: "Debian GNU/Linux 13 (trixie)",
		}},
	}
}

func largeService(i int) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("svc-%04d", i), Labels: map[string]string{"app": fmt.Sprintf("app-%04d", i)}},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": fmt.Sprintf("app-%04d", i)}, Ports: []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "grpc", Port: 9000}}},
	}
}

// largePod is an application with its sidecar, as the injector makes it.
func largePod(i int) *corev1.Pod {
	var env []corev1.EnvVar
	for n := range 30 {
		env = append(env, corev1.EnvVar{Name: fmt.Sprintf("SETTING_%02d", n), Value: fmt.Sprintf("a value of a usual length, number %d", n)})
	}
	requests := corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi")}}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("app-%04d", i), Labels: map[string]string{"app": fmt.Sprintf("app-%04d", i%manyServices), "service.istio.io/canonical-name": "app", "security.istio.io/tlsMode": "istio"},
			Annotations: map[string]string{"istio.io/rev": "default", "sidecar.istio.io/status": `{"initContainers":["istio-init"],"containers":["istio-proxy"],"revision":"default"}`},
		},
		Spec: corev1.PodSpec{
			NodeName: fmt.Sprintf("node-%04d", i%manyNodes),
			Containers: []corev1.Container{
				{Name: "app", Image: "registry.example.com/shop/app:1.2.3", Env: env, Resources: requests, Ports: []corev1.ContainerPort{{ContainerPort: 8080}}},
				{Name: "istio-proxy", Image: "docker.io/istio/proxyv2:1.31.0", Env: env, Resources: requests, Ports: []corev1.ContainerPort{{ContainerPort: 15090, Name: "http-envoy-prom"}}},
			},
		},
	}
}
