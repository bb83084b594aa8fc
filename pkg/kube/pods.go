package kube

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

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
