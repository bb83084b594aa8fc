package rendered

import (
	"cmp"
	"slices"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// components in the order in which they may be installed: gateways need the
// injector, ztunnel needs the CNI agent.
var components = []string{"Base", "Cni", "Pilot", "Ztunnel", "IngressGateways", "EgressGateways"}

// kinds that others of the same component refer to come first, webhooks and
// workloads last.
var kinds = []string{
	"Namespace", "CustomResourceDefinition", "ResourceQuota", "ServiceAccount", "ClusterRole", "ClusterRoleBinding",
	"Role", "RoleBinding", "ConfigMap", "Secret", "Service", "PodDisruptionBudget", "NetworkPolicy",
	"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "Deployment", "DaemonSet", "HorizontalPodAutoscaler",
}

func sortForApply(manifests []snapshot.Manifest) {
	slices.SortStableFunc(manifests, func(a, b snapshot.Manifest) int {
		return cmp.Or(
			cmp.Compare(rank(components, a.Component), rank(components, b.Component)),
			cmp.Compare(rank(kinds, a.Object.GetKind()), rank(kinds, b.Object.GetKind())),
			cmp.Compare(a.Object.GetNamespace(), b.Object.GetNamespace()),
			cmp.Compare(a.Object.GetName(), b.Object.GetName()),
		)
	})
}

func rank(order []string, name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}
