// Package fleet gives the sandbox nodes, and lets KWOK play the kubelet for
// every pod that has no process of its own.
package fleet

import (
	"context"
	"fmt"
	"runtime"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/control"
)

// zones is how many failure domains the nodes are spread over.
const zones = 3

// CreateNodes registers count worker nodes, as their kubelets would.
func CreateNodes(ctx context.Context, client kubernetes.Interface, count int) error {
	for i := 1; i <= count; i++ {
		_, err := client.CoreV1().Nodes().Create(ctx, node(i), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("creating node %d: %w", i, err)
		}
	}
	return nil
}

// WaitForNodes returns when count nodes are Ready and take pods: the controller
// removes the taint of a new node a moment after it is.
func WaitForNodes(ctx context.Context, client kubernetes.Interface, count int) error {
	ready := 0
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil // the context ends this if it never gets better
		}
		ready = 0
		for i := range list.Items {
			if isReady(&list.Items[i]) {
				ready++
			}
		}
		return ready >= count, nil
	})
	if err != nil {
		return fmt.Errorf("%d of %d nodes are ready: %w", ready, count, err)
	}
	return nil
}

func isReady(n *corev1.Node) bool {
	for _, t := range n.Spec.Taints {
		if t.Key == corev1.TaintNodeNotReady {
			return false
		}
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// NodeIP is the address of node i (from 1), in the range that RFC 2544 reserves
// for benchmarks: nothing outside can have it.
func NodeIP(i int) string { return fmt.Sprintf("198.18.%d.%d", 1+i/250, 1+i%250) }

// podCIDR is where the pods of node i (from 1) get their addresses.
func podCIDR(i int) string { return fmt.Sprintf("10.%d.%d.0/24", 128+i/256, i%256) }

// node is a mid-sized worker.
func node(i int) *corev1.Node {
	name := fmt.Sprintf("sandbox-worker-%d", i)
	resources := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("8"),
		corev1.ResourceMemory:           resource.MustParse("32Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
		corev1.ResourcePods:             resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: nodeLabels(name, i)},
		Spec:       corev1.NodeSpec{PodCIDR: podCIDR(i), PodCIDRs: []string{podCIDR(i)}, ProviderID: "meshctl-sandbox://" + name},
		Status: corev1.NodeStatus{
			Capacity:    resources,
			Allocatable: resources,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: NodeIP(i)},
				{Type: corev1.NodeHostName, Address: name},
			},
			NodeInfo: corev1.NodeSystemInfo{
				Architecture:            runtime.GOARCH,
				OperatingSystem:         "linux",
				OSImage:                 "Debian GNU/Linux 13 (trixie)",
				KernelVersion:           "6.12.48+deb13-cloud-" + runtime.GOARCH,
				ContainerRuntimeVersion: "containerd://2.1.4",
				KubeletVersion:          control.KubernetesVersion(),
				KubeProxyVersion:        control.KubernetesVersion(),
			},
		},
	}
}

func nodeLabels(name string, i int) map[string]string {
	return map[string]string{
		corev1.LabelHostname:           name,
		corev1.LabelOSStable:           "linux",
		corev1.LabelArchStable:         runtime.GOARCH,
		corev1.LabelTopologyRegion:     "sandbox",
		corev1.LabelTopologyZone:       fmt.Sprintf("sandbox-%c", 'a'+(i-1)%zones),
		corev1.LabelInstanceTypeStable: "sandbox-8x32",
	}
}
