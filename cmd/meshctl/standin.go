package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
)

// standIns gives the embedded control plane what a platform brings
// along: on OpenShift every cluster has Multus, and its charts make one of its
// objects. A kind that nobody renders is not brought.
func standIns(ctx context.Context, s *session) error {
	multus := schema.GroupVersionKind{Group: "k8s.cni.cncf.io", Version: "v1", Kind: "NetworkAttachmentDefinition"}
	for _, m := range s.snap.Rendered {
		if m.Object.GroupVersionKind() != multus {
			continue
		}
		if _, err := s.client.Map(ctx, multus); !kube.UnknownKind(err) {
			return err
		}
		if err := bringKind(ctx, s.client, multus, "network-attachment-definitions"); err != nil {
			return err
		}
		return bringMultus(ctx, s.client)
	}
	return nil
}

// bringMultus applies what shows that Multus runs.
func bringMultus(ctx context.Context, c *kube.Client) error {
	labels := map[string]any{"app": "multus"}
	for _, o := range []map[string]any{
		{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "openshift-multus"}},
		{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": "multus", "namespace": "openshift-multus"}, "spec": map[string]any{
			"selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{"metadata": map[string]any{"labels": labels}, "spec": map[string]any{
				"containers": []any{map[string]any{"name": "kube-multus", "image": "registry.invalid/multus:1"}},
			}},
		}},
	} {
		if _, err := c.Apply(ctx, &unstructured.Unstructured{Object: o}, kube.ApplyOptions{Manager: "openshift"}); err != nil {
			return fmt.Errorf("bringing Multus: %w", err)
		}
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
		_, err := c.Map(ctx, gvk)
		if !kube.UnknownKind(err) {
			return err
		}
		if !kube.Pause(ctx, 100*time.Millisecond) {
			return fmt.Errorf("waiting for kind %s: %w", gvk.Kind, ctx.Err())
		}
	}
}
