package cluster

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// ReadTouched reads the kinds that changes between the Istio that runs and the
// one to be installed are about, and no others.
func ReadTouched(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	if ok, why := s.Has(snapshot.Running); !ok {
		return gap(why)
	}
	s.Touched = nil
	if !s.Target.From.Known() {
		return nil
	}
	seen := map[schema.GroupKind]bool{}
	for _, c := range facts.ObjectChanges(s.Target.From, s.Target.Istio) {
		gvk := kind(c.Group, c.Version, c.Kind)
		if seen[gvk.GroupKind()] {
			continue
		}
		seen[gvk.GroupKind()] = true
		err := r.Each(ctx, gvk, "", "", func(o *unstructured.Unstructured) error {
			o.SetManagedFields(nil)
			s.Touched = append(s.Touched, o)
			return nil
		})
		if err != nil && !kube.NotFound(err) { // a kind that is not there has no objects
			return err
		}
	}
	return nil
}
