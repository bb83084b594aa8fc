package cluster

import (
	"context"
	"sync"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Verify reads what the checks after an installation look at: every rendered
// object as it is, the webhooks, and the answers to the probes.
func Verify(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) {
	live(ctx, c, s)
	record(s, snapshot.Webhooks, webhooks(ctx, c, s))
	var err error
	s.Namespaces, err = c.List(ctx, namespaces, "", "")
	record(s, snapshot.Namespaces, err)
	probe(ctx, c, s)
}

func live(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) {
	s.Live = map[snapshot.Key]snapshot.LiveObject{}
	gap := ""
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, m := range s.Rendered {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			o, problem := liveObject(ctx, c, m)
			mu.Lock()
			defer mu.Unlock()
			if problem != "" {
				gap = problem
			}
			s.Live[snapshot.KeyOf(m.Object)] = o
		})
	}
	wg.Wait()
	if gap != "" {
		s.Miss(snapshot.Live, string(snapshot.Live)+": "+gap)
		return
	}
	s.Provide(snapshot.Live)
}

// liveObject reads one object; the problem says why it could not be.
func liveObject(ctx context.Context, c *kube.Client, m snapshot.Manifest) (out snapshot.LiveObject, problem string) {
	o, err := c.Get(ctx, m.Object.GroupVersionKind(), m.Object.GetNamespace(), m.Object.GetName())
	switch {
	case kube.NotFound(err):
		return snapshot.LiveObject{}, ""
	case err != nil:
		return snapshot.LiveObject{}, snapshot.KeyOf(m.Object).String() + ": " + reason(err)
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
	after, err := c.Apply(ctx, snapshot.LeaveToIstiod(m.Object, o), true)
	if err != nil {
		out.DriftUnknown = reason(err)
		return out, ""
	}
	for _, d := range kube.Diff(o, after) {
		out.Drift = append(out.Drift, snapshot.FieldChange{Path: d.Path, Live: d.Old, Want: d.New})
	}
	return out, ""
}
