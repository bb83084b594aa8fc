package install

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// EventType says what happened.
type EventType string

// The types of events.
const (
	Applying EventType = "applying" // a component's turn has come
	Applied  EventType = "applied"  // one object was sent
	Waiting  EventType = "waiting"  // one object is not ready yet
	Ready    EventType = "ready"    // the whole component is
	Deleted  EventType = "deleted"  // one object that is no longer wanted is gone
	Failed   EventType = "failed"   // the installation stops
	Restored EventType = "restored" // one object is what it was again
)

// Event is one thing that happened during an installation.
type Event struct {
	Type      EventType
	Component string // in the words of users: Istiod, CRDs
	Object    string
	Action    Action
	Message   string
}

// Options change how a plan is carried out.
type Options struct {
	// Timeout bounds the waiting for each component; 0 waits not at all.
	Timeout time.Duration
	// Poll is the pause between two looks at what is waited for.
	Poll time.Duration
	// TakeOwnership takes fields from other managers.
	TakeOwnership bool
	// Journal, if set, remembers what was there before each write.
	Journal *Journal
	// Emit gets every event, in order; nil drops them.
	Emit func(Event)
}

// Apply carries a plan out, component by component: each is applied, then
// waited for, so that a component that fails never releases those that need
// it. It stops at the first failure; what was applied before stays, and the
// error says how much that is.
func Apply(ctx context.Context, c *kube.Client, p *Plan, o Options) error {
	if o.Emit == nil {
		o.Emit = func(Event) {}
	}
	applied := 0
	for _, group := range groups(p) {
		o.Emit(Event{Type: Applying, Component: title(group[0])})
		n, err := applyGroup(ctx, c, group, o)
		applied += n
		if err != nil {
			o.Emit(Event{Type: Failed, Component: title(group[0]), Message: err.Error()})
			return stopped(err, applied, p, o)
		}
		o.Emit(Event{Type: Ready, Component: title(group[0])})
	}
	if err := prune(ctx, c, p, o); err != nil {
		return stopped(err, applied, p, o)
	}
	return nil
}

func prune(ctx context.Context, c *kube.Client, p *Plan, o Options) error {
	deleted := 0
	for _, s := range p.Steps {
		if s.Action != Delete {
			continue
		}
		o.Journal.Note(s.Manifest.Object, s.before, "")
		if err := send(ctx, s.Key, func() error { return c.Delete(ctx, s.Manifest.Object) }); err != nil {
			return fmt.Errorf("%w\n%d of %d objects that are no longer wanted were deleted", err, deleted, p.Count(Delete))
		}
		deleted++
		o.Emit(Event{Type: Deleted, Object: s.Key.String(), Action: Delete})
	}
	return nil
}

// stopped says what an installation that did not come to its end left behind.
func stopped(err error, applied int, p *Plan, o Options) error {
	if o.Journal != nil {
		return err // they do not stay
	}
	if applied == 0 {
		return fmt.Errorf("%w\nnothing was applied", err)
	}
	return fmt.Errorf("%w\n%d of %d objects that differ were applied and stay so", err, applied, p.Count(Create)+p.Count(Change))
}

// groups cuts the steps where the title changes.
func groups(p *Plan) [][]Step {
	var out [][]Step
	last := ""
	for _, s := range p.Steps {
		if s.Action == Delete {
			continue
		}
		if name := title(s); name != last {
			out, last = append(out, nil), name
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	return out
}

// title names the group a step belongs to. Namespaces and CRDs are groups of
// their own, because the objects that follow live in them.
func title(s Step) string {
	switch s.Key.Kind {
	case "Namespace":
		return "namespace"
	case "CustomResourceDefinition":
		return "CRDs"
	}
	names := map[string]string{
		"Base": "base", "Cni": "Istio CNI", "Pilot": "istiod", "Ztunnel": "ztunnel",
		"IngressGateways": "ingress gateways", "EgressGateways": "egress gateways",
	}
	if name := names[s.Manifest.Component]; name != "" {
		return name
	}
	return s.Manifest.Component
}

func applyGroup(ctx context.Context, c *kube.Client, group []Step, o Options) (applied int, err error) {
	for _, s := range group {
		written, err := applyOne(ctx, c, s, o)
		if written {
			applied++
		}
		if err != nil {
			return applied, err
		}
		o.Emit(Event{Type: Applied, Component: title(s), Object: s.Key.String(), Action: s.Action})
	}
	c.Refresh()
	if o.Timeout == 0 {
		return applied, nil
	}
	return applied, wait(ctx, c, group, o)
}

// applyOne sends one object. What istiod has written to a webhook since the
// plan was made is looked up again, so that it is not taken back. An object may
// be written and yet not as it should be.
func applyOne(ctx context.Context, c *kube.Client, s Step, o Options) (written bool, err error) {
	if s.Action == Unchanged {
		return false, nil
	}
	wanted := cmp.Or(s.apply, s.Manifest.Object)
	if err := o.Journal.look(ctx, c, wanted, s.Manifest.Manager()); err != nil {
		return false, err
	}
	force := o.TakeOwnership || s.shared
	err = send(ctx, s.Key, func() error {
		object := wanted
		if strings.HasSuffix(s.Key.Kind, "WebhookConfiguration") {
			if live, err := c.Get(ctx, object.GroupVersionKind(), "", s.Key.Name); err == nil {
				object = snapshot.LeaveToIstiod(s.Manifest.Object, live)
			}
		}
		made, err := c.Apply(ctx, object, kube.ApplyOptions{Manager: s.Manifest.Manager(), Force: force})
		if err == nil {
			written = true
			o.Journal.Made(made)
		}
		if err == nil && s.unmark {
			err = c.DropAnnotations(ctx, made, s.Manifest.Manager(), snapshot.HelmReleaseName, snapshot.HelmReleaseNamespace)
		}
		return err
	})
	return written, err
}

// send makes a request a few times if the server is busy or gone for a
// moment: the objects that follow depend on it.
func send(ctx context.Context, key snapshot.Key, request func() error) error {
	err := kube.Patiently(ctx, request)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &Interrupted{key}
	default:
		return failure(key, err)
	}
}
