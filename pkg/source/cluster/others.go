package cluster

import (
	"cmp"
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// others says whether an istiod reads other clusters, whose services and pods
// are then as good as those of its own. Who may not see Secrets is told so only
// where something else speaks for a mesh of several clusters.
func others(ctx context.Context, r Reader, s *snapshot.Snapshot, istiod *unstructured.Unstructured) error {
	env := environment(istiod)
	if env["PILOT_MULTICLUSTER_KUBECONFIG_PATH"] != "" {
		s.Miss(snapshot.Sole, "istiod reads other clusters from files, and their services and pods count too")
		return nil
	}
	secrets, err := r.ListMeta(ctx, kind("", "v1", "Secret"), istiod.GetNamespace(), snapshot.RemoteLabel+"=true")
	switch {
	case kube.Broken(err):
		return err
	case err != nil && several(s, istiod.GetNamespace()):
		s.Miss(snapshot.Sole, "services and pods of other clusters may count too: "+reason(err))
		return nil
	}
	for _, secret := range secrets {
		if id := secret.Annotations["networking.istio.io/cluster"]; id == "" || id != cmp.Or(env["CLUSTER_ID"], defaultClusterID) {
			s.Miss(snapshot.Sole, snapshot.CountsToo(cmp.Or(id, secret.Name)))
			return nil
		}
	}
	s.Provide(snapshot.Sole)
	return nil
}

// several says whether the root namespace tells of a network, which is needed
// only where there are others.
func several(s *snapshot.Snapshot, root string) bool {
	for _, ns := range s.Namespaces {
		if ns.Name == root {
			return ns.Labels["topology.istio.io/network"] != ""
		}
	}
	return false
}
