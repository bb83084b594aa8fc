package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
)

// standIns gives the embedded control plane the kinds that a platform brings
// along: on OpenShift every cluster has Multus, and its charts make one of its
// objects. A kind that nobody renders is not brought.
func standIns(ctx context.Context, s *session) error {
	multus := schema.GroupVersionKind{Group: "k8s.cni.cncf.io", Version: "v1", Kind: "NetworkAttachmentDefinition"}
	for _, m := range s.snap.Rendered {
		if m.Object.GroupVersionKind() != multus {
			continue
		}
		if _, err := s.client.Map(multus); !kube.UnknownKind(err) {
			return err
		}
		return bringKind(ctx, s.client, multus, "network-attachment-definitions")
	}
	return nil
}

// bringKind applies a CRD that takes any content, and waits until the API
// server serves it.
func bringKind(ctx context.Context, c *kube.Client, gvk schema.GroupVersionKind, plural string) error {
	crd := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": plural + "." + gvk.Group},
		"spec": map[string]any{
			"group": gvk.Group, "scope": "Namespaced",
			"names": map[string]any{"kind": gvk.Kind, "plural": plural},
			"versions": []any{map[string]any{
				"name": gvk.Version, "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
			}},
		},
	}}
	if _, err := c.Apply(ctx, crd, kube.ApplyOptions{}); err != nil {
		return fmt.Errorf("bringing kind %s: %w", gvk.Kind, err)
	}
	for {
		c.Refresh()
		_, err := c.Map(gvk)
		if !kube.UnknownKind(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for kind %s: %w", gvk.Kind, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
