package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Journal remembers every object that an installation is about to write, as it
// was before, so that it can be put back.
type Journal struct{ entries []entry }

type entry struct {
	key snapshot.Key
	// before is the object as it was; nil where there was none.
	before *unstructured.Unstructured
	// about is any form of the object: its kind and name.
	about *unstructured.Unstructured
	// wrote is the manager whose object may be deleted again, made the object
	// itself where the API server told.
	wrote string
	made  types.UID
	// failed is why the last try to put it back came to nothing.
	failed error
}

// Note remembers an object before it is written, the first time only. before is
// nil where the cluster has none; manager is who will have created it then.
func (j *Journal) Note(about, before *unstructured.Unstructured, manager string) {
	if j == nil {
		return
	}
	key := snapshot.KeyOf(about)
	if !slices.ContainsFunc(j.entries, func(e entry) bool { return e.key == key }) {
		j.entries = append(j.entries, entry{key: key, before: before, about: about, wrote: manager})
	}
}

// look notes an object as it is right before the first write: since the plan
// was made, somebody else may have made or changed it, and that is not to be
// taken back.
func (j *Journal) look(ctx context.Context, c *kube.Client, about *unstructured.Unstructured, manager string) error {
	if j == nil {
		return nil
	}
	var live *unstructured.Unstructured
	err := kube.Patiently(ctx, func() (err error) {
		live, err = c.Get(ctx, about.GroupVersionKind(), about.GetNamespace(), about.GetName())
		return err
	})
	switch {
	case kube.NotFound(err):
		live = nil
	case err != nil:
		return failure(snapshot.KeyOf(about), err)
	}
	j.Note(about, live, manager)
	return nil
}

// Made remembers the object that a write created.
func (j *Journal) Made(o *unstructured.Unstructured) {
	if j == nil {
		return
	}
	for i, e := range j.entries {
		if e.key == snapshot.KeyOf(o) && e.before == nil && e.made == "" {
			j.entries[i].made = o.GetUID()
		}
	}
}

// Empty says that nothing was written.
func (j *Journal) Empty() bool { return j == nil || len(j.entries) == 0 }

// NotRestored says which objects a rollback could not put back.
type NotRestored struct{ Objects []Pending }

func (e *NotRestored) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "not everything could be put back; look at:")
	for _, p := range e.Objects {
		fmt.Fprintf(&b, "\n  %s: %s", p.Key, p.Cause)
	}
	return b.String()
}

// Rollback puts everything back, the last write first: what was created is
// deleted, what was deleted or changed becomes what it was. It goes on after a
// failure, tries again what may work in a moment until its time is up, and
// names every object that is not as before.
func (j *Journal) Rollback(ctx context.Context, c *kube.Client, emit func(Event)) error {
	c.Refresh()
	r := &rollback{Client: c, emit: emit, pause: 500 * time.Millisecond}
	return r.run(ctx, j.backwards())
}

// rollback is what became of a journal so far.
type rollback struct {
	*kube.Client
	emit  func(Event)
	pause time.Duration // before the second round
	gone  []entry       // were deleted
	left  []Pending     // stay as they are
}

func (r *rollback) run(ctx context.Context, todo []entry) error {
	for pause := r.pause; ; pause = min(2*pause, 5*time.Second) {
		todo = r.round(ctx, todo)
		if len(todo) == 0 || !kube.Pause(ctx, pause) {
			break
		}
	}
	stopped := errors.Is(ctx.Err(), context.Canceled)
	for _, e := range todo {
		if stopped {
			e.failed = errors.New("putting back was interrupted")
		}
		r.left = append(r.left, Pending{e.key, e.cause(e.failed)})
	}
	if ctx.Err() != nil { // the rounds took all the time; most of what they deleted is gone long ago
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
	}
	if !stopped {
		r.left = append(r.left, awaitGone(ctx, r.Client, r.gone)...)
	}
	if len(r.left) > 0 {
		return &NotRestored{r.left}
	}
	return nil
}

// round tries each once and returns those to try again.
func (r *rollback) round(ctx context.Context, todo []entry) (again []entry) {
	for _, e := range todo {
		deleted, err := e.undo(ctx, r.Client)
		switch {
		case err != nil && (kube.Transient(err) || ctx.Err() != nil):
			if e.failed == nil || ctx.Err() == nil { // that the time is up explains nothing
				e.failed = err
			}
			again = append(again, e)
			continue
		case err != nil:
			r.left = append(r.left, Pending{e.key, e.cause(err)})
			continue
		case deleted:
			r.gone = append(r.gone, e)
		}
		r.emit(Event{Type: Restored, Object: e.key.String()})
	}
	return again
}

// backwards is the order of a rollback. Webhooks come first: one without its
// istiod refuses what follows. Namespaces and CRDs come last: with them goes
// what is in them.
func (j *Journal) backwards() []entry {
	out := slices.Clone(j.entries)
	slices.Reverse(out)
	rank := func(e entry) int {
		switch {
		case strings.HasSuffix(e.key.Kind, "WebhookConfiguration"):
			return 0
		case e.key.Kind == "Namespace" || e.key.Kind == "CustomResourceDefinition":
			return 2
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b entry) int { return rank(a) - rank(b) })
	return out
}

func (e entry) cause(err error) string {
	if e.before == nil {
		return "was created and is still there: " + kube.Message(err)
	}
	return "is not what it was: " + kube.Message(err)
}

func (e entry) undo(ctx context.Context, c *kube.Client) (deleted bool, err error) {
	if e.before != nil {
		return false, c.Restore(ctx, e.before)
	}
	live, err := c.Get(ctx, e.about.GroupVersionKind(), e.key.Namespace, e.key.Name)
	switch {
	case kube.NotFound(err):
		return false, nil
	case err != nil:
		return false, err
	case !e.ours(live):
		return false, nil // somebody else's of the same name
	}
	if err = c.Delete(ctx, live); kube.Replaced(err) {
		return false, nil
	}
	return err == nil, err
}

// ours says whether an object is the one that the installation created. If the
// answer to its write was lost, the managers of its fields tell; an object
// that was applied without any field has none.
func (e entry) ours(live *unstructured.Unstructured) bool {
	if e.made != "" {
		return live.GetUID() == e.made
	}
	foreign := false
	for _, m := range live.GetManagedFields() {
		if m.Manager == e.wrote {
			return true
		}
		foreign = foreign || m.Subresource == "" && m.Manager != "before-first-apply"
	}
	return !foreign
}

// awaitGone waits until deleted objects are gone: the content of a namespace
// takes a while. Where nothing tells whether one is, nobody waits.
func awaitGone(ctx context.Context, c *kube.Client, entries []entry) []Pending {
	var left []Pending
	for _, e := range entries {
		for {
			live, err := c.Get(ctx, e.about.GroupVersionKind(), e.key.Namespace, e.key.Name)
			if kube.NotFound(err) || err == nil && !e.ours(live) {
				break
			}
			if err != nil && !kube.Transient(err) && ctx.Err() == nil {
				left = append(left, Pending{e.key, "was deleted; whether it is gone is not known: " + kube.Message(err)})
				break
			}
			if !kube.Pause(ctx, 200*time.Millisecond) {
				why := "was deleted and is not gone yet"
				if live != nil {
					why += stuck(live)
				}
				left = append(left, Pending{e.key, why})
				break
			}
		}
	}
	return left
}

// stuck names what an object on its way out waits for.
func stuck(o *unstructured.Unstructured) string {
	if names := o.GetFinalizers(); len(names) > 0 {
		return ": it waits for " + strings.Join(names, ", ")
	}
	return ""
}
