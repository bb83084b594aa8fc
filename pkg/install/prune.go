package install

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// notPruned is istioctl's label for objects that outlive a change of the
// installation, such as the default tag's webhooks.
const notPruned = "install.operator.istio.io/owning-resource-not-pruned"

// prunable are the kinds that may be removed when they are no longer
// rendered. CRDs are not among them: with them would go every mesh object of
// the user.
func prunable() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"},
		{Group: "policy", Version: "v1", Kind: "PodDisruptionBudget"},
		{Group: "apps", Version: "v1", Kind: "Deployment"},
		{Group: "apps", Version: "v1", Kind: "DaemonSet"},
		{Version: "v1", Kind: "Service"},
		{Version: "v1", Kind: "ConfigMap"},
		{Version: "v1", Kind: "ServiceAccount"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRoleBinding"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"},
		{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "MutatingWebhookConfiguration"},
		{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingWebhookConfiguration"},
	}
}

// leftovers finds what an earlier installation of the same revision and
// namespace left behind: objects with its labels that are rendered no more.
func leftovers(ctx context.Context, c *kube.Client, manifests []snapshot.Manifest, revision, namespace string) ([]Step, error) {
	wanted := map[snapshot.Key]bool{}
	for _, m := range manifests {
		wanted[snapshot.KeyOf(m.Object)] = true
	}
	if revision == "" {
		revision = "default"
	}
	selector := "operator.istio.io/component,operator.istio.io/managed=Reconcile,istio.io/rev=" + revision +
		",install.operator.istio.io/owning-resource-namespace=" + namespace
	var out []Step
	for _, gvk := range prunable() {
		objects, err := c.List(ctx, gvk, "", selector)
		if err != nil {
			return nil, fmt.Errorf("listing %ss of the installation: %w", gvk.Kind, err)
		}
		for _, o := range objects {
			if key := snapshot.KeyOf(o); !wanted[key] && deletable(o) {
				out = append(out, Step{Action: Delete, Key: key, Manifest: snapshot.Manifest{Object: o, Component: o.GetLabels()["operator.istio.io/component"]}})
			}
		}
	}
	return out, nil
}

func deletable(o *unstructured.Unstructured) bool {
	return o.GetLabels()[notPruned] != "true" && o.GetDeletionTimestamp() == nil
}
