package uninstall

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Options change how a removal is carried out.
type Options struct {
	// Timeout bounds the waiting until everything is gone.
	Timeout time.Duration
	// Poll is the pause between two looks.
	Poll time.Duration
	// Deleted gets every object that was deleted, Waiting what is waited for.
	Deleted, Waiting func(snapshot.Key)
}

// Stuck says what was deleted and is still there.
type Stuck struct {
	Waited  time.Duration
	Objects []string
}

func (e *Stuck) Error() string {
	return fmt.Sprintf("not gone after %s:\n  %s", e.Waited.Round(time.Second), strings.Join(e.Objects, "\n  "))
}

// Interrupted says that a removal did not come to its end; another one goes on
// where it was.
type Interrupted struct{ Deleted, All int }

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %d objects were deleted; run it again for the rest", e.Deleted, e.All)
}

// Remove deletes the objects in their order and waits until they are gone. One
// that was made anew meanwhile is another object, and stays.
func Remove(ctx context.Context, c *kube.Client, r *Removal, o Options) error {
	for n, object := range r.Objects {
		err := kube.Patiently(ctx, func() error { return c.Delete(ctx, object.handle()) })
		switch {
		case kube.Replaced(err):
			continue
		case ctx.Err() != nil:
			return &Interrupted{n, len(r.Objects)}
		case err != nil:
			return fmt.Errorf("deleting %s, after %d of %d objects: %w", object.Key, n, len(r.Objects), c.Explain(err))
		}
		o.Deleted(object.Key)
	}
	return gone(ctx, c, r, o)
}

// handle is what kube needs to delete exactly this object.
func (o Object) handle() *unstructured.Unstructured {
	out := &unstructured.Unstructured{}
	out.SetGroupVersionKind(o.meta.GroupVersionKind())
	out.SetNamespace(o.Key.Namespace)
	out.SetName(o.Key.Name)
	out.SetUID(o.meta.UID)
	return out
}

// gone waits for what finalizers and garbage collection do after a deletion.
func gone(ctx context.Context, c *kube.Client, r *Removal, o Options) error {
	start := time.Now()
	limit, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	left := r.Objects
	for {
		var why []string
		var hopeless int
		left, why, hopeless = still(ctx, c, left)
		waiting, err := r.pods(ctx, c)
		if len(left) == 0 && len(waiting) == 0 && err == nil {
			return nil
		}
		for _, p := range waiting {
			why = append(why, p.String()+" is being stopped")
		}
		if err != nil {
			why = append(why, "its pods could not be listed: "+kube.Message(err))
		}
		if ctx.Err() == nil && hopeless == len(left) && len(waiting) == 0 && !kube.Transient(err) {
			return &Stuck{time.Since(start), why}
		}
		if len(left) > 0 {
			o.Waiting(left[0].Key)
		}
		if !kube.Pause(limit, o.Poll) {
			if ctx.Err() != nil {
				return &Interrupted{len(r.Objects) - len(left), len(r.Objects)}
			}
			return &Stuck{time.Since(start), why}
		}
	}
}

// still picks the objects that are there, and says what holds them. Of the
// hopeless nobody will tell, however often they are asked for.
func still(ctx context.Context, c *kube.Client, objects []Object) (left []Object, why []string, hopeless int) {
	for _, o := range objects {
		live, err := c.Get(ctx, o.meta.GroupVersionKind(), o.Key.Namespace, o.Key.Name)
		switch {
		case kube.NotFound(err), err == nil && live.GetUID() != o.meta.UID:
		case err != nil:
			left, why = append(left, o), append(why, fmt.Sprintf("%s was deleted; whether it is gone is not known: %s", o.Key, kube.Message(err)))
			if !kube.Transient(err) {
				hopeless++
			}
		case len(live.GetFinalizers()) > 0:
			left, why = append(left, o), append(why, fmt.Sprintf("%s waits for its finalizers %s: what set them is gone or does not answer", o.Key, strings.Join(live.GetFinalizers(), ", ")))
		default:
			left, why = append(left, o), append(why, fmt.Sprintf("%s is being deleted", o.Key))
		}
	}
	return left, why, hopeless
}

// pods are those of the removed workloads that still run.
func (r *Removal) pods(ctx context.Context, c *kube.Client) ([]snapshot.Key, error) {
	going, homes := map[snapshot.Key]bool{}, map[string]bool{}
	for _, o := range r.Objects {
		if o.Key.Group == "apps" {
			going[o.Key], homes[o.Key.Namespace] = true, true
		}
	}
	var out []snapshot.Key
	for home := range homes {
		err := c.EachPod(ctx, home, "", func(p *metav1.PartialObjectMetadata) {
			if going[revision.Workload(p)] {
				out = append(out, snapshot.Key{Kind: "Pod", Namespace: p.Namespace, Name: p.Name})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
