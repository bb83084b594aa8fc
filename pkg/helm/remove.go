package helm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
)

// used says whether anybody has made an object of the kind that a CRD defines.
func (c *Client) used(ctx context.Context, crd *unstructured.Unstructured) (bool, error) {
	if crd.GetKind() != "CustomResourceDefinition" {
		return false, nil
	}
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	for _, v := range versions {
		version, _ := v.(map[string]any)
		name, _ := version["name"].(string)
		found, err := c.kube.ListMeta(ctx, schema.GroupVersionKind{Group: group, Version: name, Kind: kind}, "", "")
		if kube.NotFound(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("looking for objects of kind %s: %w", kind, err)
		}
		if len(found) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// removeNamespace removes a namespace that the run has made.
func (c *Client) removeNamespace(ctx context.Context, name string) error {
	o, err := c.kube.Get(ctx, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "", name)
	if kube.NotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	if held, err := c.holds(ctx, name); err != nil || held != "" {
		return err // somebody uses it by now
	}
	if err := c.kube.Delete(ctx, o); err != nil {
		return err
	}
	for { // what is in it goes first
		if there, err := c.exists(ctx, name); err != nil || !there {
			return err
		}
		if !kube.Pause(ctx, 200*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// holds names an object of a namespace that no controller makes by itself; ""
// where there is none.
func (c *Client) holds(ctx context.Context, namespace string) (string, error) {
	own := []string{"kube-root-ca.crt", "istio-ca-root-cert"}
	for _, gvk := range []schema.GroupVersionKind{
		{Version: "v1", Kind: "Secret"}, {Version: "v1", Kind: "ConfigMap"}, {Version: "v1", Kind: "Service"}, {Version: "v1", Kind: "PersistentVolumeClaim"},
		{Group: "apps", Version: "v1", Kind: "Deployment"}, {Group: "apps", Version: "v1", Kind: "DaemonSet"}, {Group: "apps", Version: "v1", Kind: "StatefulSet"},
	} {
		found, err := c.kube.ListMeta(ctx, gvk, namespace, "owner!=helm")
		if err != nil {
			return "", fmt.Errorf("looking what namespace %s holds: %w", namespace, err)
		}
		for _, o := range found {
			if !slices.Contains(own, o.Name) && !strings.HasPrefix(o.Name, "istio-ca-") && o.DeletionTimestamp == nil {
				return gvk.Kind + "/" + o.Name, nil
			}
		}
	}
	return "", nil
}
