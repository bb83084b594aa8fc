package cluster

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// notPruned is istioctl's label for objects that outlive a change of the
// installation, such as the default tag's webhooks.
const notPruned = "install.operator.istio.io/owning-resource-not-pruned"

// leftovers finds what an earlier installation of the same owner left behind:
// objects with its labels that are rendered no more. Those of Helm releases
// are Helm's to remove.
func leftovers(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	wanted := map[snapshot.Key]bool{}
	for _, m := range s.Rendered {
		wanted[snapshot.KeyOf(m.Object)] = true
	}
	s.Leftovers = nil
	for _, cfg := range s.Configs {
		if !cfg.IsOperator() {
			continue
		}
		found, err := owned(ctx, c, snapshot.OwnerOf(cfg))
		if err != nil {
			return err
		}
		for _, o := range found {
			if key := snapshot.KeyOf(o); !wanted[key] {
				wanted[key] = true // listed once, whatever owners are alike
				s.Leftovers = append(s.Leftovers, o)
			}
		}
	}
	return nil
}

// owned lists the objects of one owner that may be deleted, in the order of
// deletion.
func owned(ctx context.Context, c *kube.Client, owner snapshot.Owner) ([]*unstructured.Unstructured, error) {
	kinds := snapshot.PrunableKinds()
	lists, errs := make([][]*unstructured.Unstructured, len(kinds)), make([]error, len(kinds))
	kube.InParallel(len(kinds), func(i int) { lists[i], errs[i] = c.List(ctx, kinds[i], "", owner.Selector()) })
	var out []*unstructured.Unstructured
	for i, objects := range lists {
		if errs[i] != nil {
			return nil, fmt.Errorf("listing %ss of the installation: %w", kinds[i].Kind, errs[i])
		}
		for _, o := range objects {
			if owner.Owns(o) && o.GetLabels()[notPruned] != "true" && o.GetDeletionTimestamp() == nil {
				out = append(out, o)
			}
		}
	}
	return out, nil
}
