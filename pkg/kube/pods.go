package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Home is the namespace of the kubeconfig's context, which people with the
// rights of one namespace set to it; nil where it is not to be read.
func (c *Client) Home(ctx context.Context) *corev1.Namespace {
	ns, err := c.typed.CoreV1().Namespaces().Get(ctx, c.home, metav1.GetOptions{})
	if err != nil {
		return nil
	}
	return ns
}

// EachPod visits the metadata of every pod that has not come to its end, page
// by page; namespace "" means all.
func (c *Client) EachPod(ctx context.Context, namespace, labels string, visit func(*metav1.PartialObjectMetadata)) error {
	pods := c.meta.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(namespace)
	opts := metav1.ListOptions{LabelSelector: labels, FieldSelector: "status.phase!=Succeeded,status.phase!=Failed", Limit: pageSize}
	for {
		page, err := pods.List(ctx, opts)
		if err != nil {
			return err
		}
		for i := range page.Items {
			visit(&page.Items[i])
		}
		if opts.Continue = page.GetContinue(); opts.Continue == "" {
			return nil
		}
	}
}
