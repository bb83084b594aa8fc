package kube

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
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

// DropAnnotations removes annotations from an object, whoever wrote them.
func (c *Client) DropAnnotations(ctx context.Context, o *unstructured.Unstructured, manager string, names ...string) error {
	r, err := c.resource(ctx, o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return err
	}
	gone := map[string]any{}
	for _, name := range names {
		gone[name] = nil
	}
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": gone}})
	if err != nil {
		return err
	}
	_, err = r.Patch(ctx, o.GetName(), types.MergePatchType, body, metav1.PatchOptions{FieldManager: manager})
	return err
}
