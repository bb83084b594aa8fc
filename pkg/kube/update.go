package kube

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Update replaces an object by another version of it, which must be the one
// that follows what is in the cluster.
func (c *Client) Update(ctx context.Context, o *unstructured.Unstructured) error {
	r, err := c.resource(ctx, o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return err
	}
	_, err = r.Update(ctx, o, metav1.UpdateOptions{FieldManager: FieldManager})
	return err
}
