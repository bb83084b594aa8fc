package cluster

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// ReadExisting finds those of the rendered objects that are in the cluster
// already. Their metadata is enough to see who owns them.
func ReadExisting(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	found := make([]snapshot.ExistingObject, len(s.Rendered))
	errs := make([]error, len(s.Rendered))
	owners := newReleases(r)
	kube.InParallel(len(s.Rendered), func(i int) {
		o := s.Rendered[i].Object
		if found[i].Meta, errs[i] = r.GetMeta(ctx, o.GroupVersionKind(), o.GetNamespace(), o.GetName()); errs[i] == nil {
			found[i].Orphan = owners.gone(ctx, found[i].Meta)
		}
	})
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

// tried is a Reader that need not ask for objects that dry runs have read.
type tried struct {
	*kube.Client
	runs map[snapshot.Key]snapshot.DryRun
}

// GetMeta implements Reader.
func (t tried) GetMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, name string) (*metav1.PartialObjectMetadata, error) {
	run := t.runs[snapshot.Key{Group: gvk.Group, Kind: gvk.Kind, Namespace: namespace, Name: name}]
	switch {
	case run.Live != nil:
		out := &metav1.PartialObjectMetadata{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(map[string]any{"metadata": run.Live.Object["metadata"]}, out); err != nil {
			return nil, gap(fmt.Sprintf("%s/%s cannot be read: %v", gvk.Kind, name, err))
		}
		out.SetGroupVersionKind(gvk)
		return out, nil
	case run.Verdict == snapshot.Accepted || run.Verdict == snapshot.Early:
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, name)
	}
	return t.Client.GetMeta(ctx, gvk, namespace, name)
}
