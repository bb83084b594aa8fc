package cluster

import (
	"context"
	"sync"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// ReadExisting finds those of the rendered objects that are in the cluster
// already. Their metadata is enough to see who owns them.
func ReadExisting(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	found := make([]snapshot.ExistingObject, len(s.Rendered))
	errs := make([]error, len(s.Rendered))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i, m := range s.Rendered {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			found[i].Meta, errs[i] = r.GetMeta(ctx, m.Object.GroupVersionKind(), m.Object.GetNamespace(), m.Object.GetName())
		})
	}
	wg.Wait()
	s.Existing = map[snapshot.Key]snapshot.ExistingObject{}
	for i, m := range s.Rendered {
		switch err := errs[i]; {
		case kube.NotFound(err):
			continue
		case kube.Broken(err):
			return err
		case err != nil:
			found[i] = snapshot.ExistingObject{Unknown: reason(err)}
		}
		s.Existing[snapshot.KeyOf(m.Object)] = found[i]
	}
	return nil
}
