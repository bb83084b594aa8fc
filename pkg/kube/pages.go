package kube

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// pageSize is how many objects are asked for at once, kubectl's default.
const pageSize = 500

// Each visits every object of a kind, page by page, so that a caller who keeps
// little of each never holds them all; namespace "" means all. After an error
// what was visited is not the whole list.
func (c *Client) Each(ctx context.Context, gvk schema.GroupVersionKind, namespace, labels string, visit func(*unstructured.Unstructured) error) error {
	r, err := c.resource(ctx, gvk, namespace)
	if err != nil {
		return err
	}
	return pages(labels, func(opts metav1.ListOptions) (string, error) {
		page, err := r.List(ctx, opts)
		if err != nil {
			return "", err
		}
		for i := range page.Items {
			if err := visit(&page.Items[i]); err != nil {
				return "", err
			}
		}
		return page.GetContinue(), nil
	})
}

// ListMeta reads the metadata of every object of a kind; namespace "" means
// all.
func (c *Client) ListMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, labels string) ([]*metav1.PartialObjectMetadata, error) {
	m, err := c.Map(ctx, gvk)
	if err != nil {
		return nil, err
	}
	var out []*metav1.PartialObjectMetadata
	err = pages(labels, func(opts metav1.ListOptions) (string, error) {
		page, err := c.meta.Resource(m.Resource).Namespace(namespace).List(ctx, opts)
		if err != nil {
			return "", err
		}
		for i := range page.Items {
			page.Items[i].SetGroupVersionKind(gvk) // the server says PartialObjectMetadata
			page.Items[i].ManagedFields = nil
			out = append(out, &page.Items[i])
		}
		return page.GetContinue(), nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pages asks for one page after the other. Where that takes longer than the
// API server keeps the state of the first page, it offers to go on with the
// present one: what was there all the time is still listed once.
func pages(labels string, ask func(metav1.ListOptions) (next string, err error)) error {
	opts := metav1.ListOptions{LabelSelector: labels, Limit: pageSize}
	for {
		next, err := ask(opts)
		if token := present(err); token != "" && token != opts.Continue {
			opts.Continue = token
			continue
		}
		if err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		opts.Continue = next
	}
}

// present is the token that the API server offers in the place of an expired
// one; "" if there is none.
func present(err error) string {
	var status apierrors.APIStatus
	if !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}
