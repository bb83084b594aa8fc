package cluster

import (
	"context"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Autoscaler finds out whether something adds nodes when pods find no place:
// the cluster autoscaler, which tells its state in a ConfigMap on every
// platform, or Karpenter, by its CRD.
func Autoscaler(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.AutoscaledBy = ""
	_, err := r.GetMeta(ctx, kind("", "v1", "ConfigMap"), "kube-system", "cluster-autoscaler-status")
	if err == nil {
		s.AutoscaledBy = "the cluster autoscaler"
		return nil
	}
	if !kube.NotFound(err) {
		return err
	}
	_, err = r.GetMeta(ctx, crds, "", "nodepools.karpenter.sh")
	if err == nil {
		s.AutoscaledBy = "Karpenter"
	}
	if kube.NotFound(err) {
		return nil
	}
	return err
}
