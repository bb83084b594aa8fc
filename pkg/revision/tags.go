// Package revision knows who uses a revision of the control plane, and the
// tags that stand for one.
package revision

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

var (
	mutatingWebhook   = schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "MutatingWebhookConfiguration"}
	validatingWebhook = schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingWebhookConfiguration"}
	services          = schema.GroupVersionKind{Version: "v1", Kind: "Service"}
	namespaces        = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	gateways          = schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "Gateway"}
)

// Tags lists the revision tags of a cluster.
func Tags(ctx context.Context, c *kube.Client) ([]snapshot.Tag, error) {
	found, err := c.ListMeta(ctx, mutatingWebhook, "", "istio.io/tag")
	if err != nil {
		return nil, fmt.Errorf("listing revision tags: %w", c.Explain(err))
	}
	return snapshot.Tags(found), nil
}
