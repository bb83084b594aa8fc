package install

import (
	"context"
	"fmt"
	"time"

	"github.com/meshctl/meshctl/pkg/kube"
)

// Event is one thing that happened during an installation.
type Event struct {
	// Type is component, applied, deleted, waiting, ready or failed.
	Type      string        `json:"type"`
	Component string        `json:"component,omitempty"`
	Object    string        `json:"object,omitempty"`
	Action    Action        `json:"action,omitempty"`
	Message   string        `json:"message,omitempty"`
	Elapsed   time.Duration `json:"-"`
}

// Options change how a plan is carried out.
type Options struct {
	// Timeout bounds the waiting for each component; 0 waits not at all.
	Timeout time.Duration
	// Poll is the pause between two looks at what is waited for.
	Poll time.Duration
	// Emit gets every event, in order; nil drops them.
	Emit func(Event)
}

// Apply carries a plan out, component by component: each is applied, then
// waited for, so that a component that fails never releases those that need
// it. It stops at the first failure; what was applied before stays and the
// error says so.
func Apply(ctx context.Context, c *kube.Client, p *Plan, o Options) error {
	if o.Emit == nil {
		o.Emit = func(Event) {}
	}
	start := time.Now()
	emit := o.Emit
	o.Emit = func(e Event) { e.Elapsed = time.Since(start); emit(e) }
	done := 0
	for _, group := range groups(p) {
		o.Emit(Event{Type: "component", Component: group[0].Manifest.Component})
		if err := applyGroup(ctx, c, group, o); err != nil {
			return fmt.Errorf("%w; %d of %d objects were applied and stay in the cluster", err, done, len(p.Steps))
		}
		done += len(group)
	}
	for _, s := range p.Steps {
		if s.Action != Delete {
			continue
		}
		if err := c.Delete(ctx, s.Manifest.Object.GroupVersionKind(), s.Key.Namespace, s.Key.Name); err != nil {
			return fmt.Errorf("deleting %s: %w", s.Key, err)
		}
		o.Emit(Event{Type: "deleted", Object: s.Key.String(), Action: Delete})
	}
	return nil
}

// groups cuts the steps into components and puts CRDs into a group of their
// own, because objects of their kinds may follow.
func groups(p *Plan) [][]Step {
	var out [][]Step
	name := ""
	for _, s := range p.Steps {
		if s.Action == Delete {
			continue
		}
		group := s.Manifest.Component
		if s.Key.Kind == "CustomResourceDefinition" || s.Key.Kind == "Namespace" {
			group += " CRDs"
		}
		if group != name || out == nil {
			out, name = append(out, nil), group
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	return out
}

func applyGroup(ctx context.Context, c *kube.Client, group []Step, o Options) error {
	for _, s := range group {
		if err := applyOne(ctx, c, s); err != nil {
			o.Emit(Event{Type: "failed", Component: s.Manifest.Component, Object: s.Key.String(), Message: err.Error()})
			return err
		}
		o.Emit(Event{Type: "applied", Component: s.Manifest.Component, Object: s.Key.String(), Action: s.Action})
	}
	c.Refresh()
	if o.Timeout == 0 {
		return nil
	}
	if err := wait(ctx, c, group, o); err != nil {
		o.Emit(Event{Type: "failed", Component: group[0].Manifest.Component, Message: err.Error()})
		return err
	}
	o.Emit(Event{Type: "ready", Component: group[0].Manifest.Component})
	return nil
}

// applyOne sends one object, a few times if the server is busy: the objects
// that follow depend on it.
func applyOne(ctx context.Context, c *kube.Client, s Step) error {
	if s.Action == Unchanged {
		return nil
	}
	var err error
	for pause := 200 * time.Millisecond; pause < 5*time.Second; pause *= 2 {
		if _, err = c.Apply(ctx, s.apply, false); err == nil || !kube.Transient(err) {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("applying %s: %w", s.Key, ctx.Err())
		case <-time.After(pause):
		}
	}
	if err != nil {
		return &Refused{s.Key, err}
	}
	return nil
}
