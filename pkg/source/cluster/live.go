package cluster

import (
	"context"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// live reads every rendered object as it is.
func live(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	objects := make([]snapshot.LiveObject, len(s.Rendered))
	errs := make([]error, len(s.Rendered))
	kube.InParallel(len(s.Rendered), func(i int) { objects[i], errs[i] = liveObject(ctx, c, s.Rendered[i]) })
	s.Live = map[snapshot.Key]snapshot.LiveObject{}
	for i, m := range s.Rendered {
		key := snapshot.KeyOf(m.Object)
		s.Live[key] = objects[i]
		if kube.Broken(errs[i]) {
			return errs[i]
		}
	}
	return nil
}

// liveObject reads one object. One that is not there is no error.
func liveObject(ctx context.Context, c *kube.Client, m snapshot.Manifest) (out snapshot.LiveObject, err error) {
	o, err := c.Get(ctx, m.Object.GroupVersionKind(), m.Object.GetNamespace(), m.Object.GetName())
	if kube.NotFound(err) {
		return snapshot.LiveObject{}, nil
	}
	if kube.Broken(err) {
		return snapshot.LiveObject{}, err
	}
	if err != nil {
		return snapshot.LiveObject{Unknown: reason(err)}, nil
	}
	out.Object = o
	out.Ready, out.Cause, err = kube.Ready(o)
	if err != nil {
		out.Cause = err.Error()
	}
	if !out.Ready {
		if cause := c.Cause(ctx, o); cause != "" {
			out.Cause = cause
		}
	}
	after, err := c.Apply(ctx, snapshot.LeaveToIstiod(m.Object, o), kube.ApplyOptions{Force: true, DryRun: true})
	if kube.Broken(err) {
		return out, err
	}
	if err != nil {
		out.DriftUnknown = reason(err)
		return out, nil
	}
	if changes := kube.Diff(o, after); len(changes) > 0 && m.Config != nil && m.Config.Reconstructed {
		out.Drift, out.DriftUnknown, err = readBack(ctx, c, m, o, changes)
		return out, err
	}
	for _, d := range kube.DiffInside(o, after) {
		out.Drift = append(out.Drift, snapshot.FieldChange{Path: d.Path, Live: d.Old, Want: d.New})
	}
	return out, nil
}
