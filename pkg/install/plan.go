// Package install plans and carries out an installation. It emits events and
// prints nothing; what it applies was rendered elsewhere.
package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Action is what an installation does to one object.
type Action string

// The actions.
const (
	Create    Action = "create"
	Change    Action = "change"
	Unchanged Action = "unchanged"
	Delete    Action = "delete"
)

// Step is one object of a plan.
type Step struct {
	Action   Action
	Key      snapshot.Key
	Manifest snapshot.Manifest
	// Fields lists what a change changes.
	Fields []snapshot.FieldChange
	// apply is the object as it is to be sent.
	apply *unstructured.Unstructured
	// awaitIstiod marks a webhook that the plan's own istiod takes over.
	awaitIstiod bool
}

// Plan is everything an installation would do, in order.
type Plan struct{ Steps []Step }

// Count returns how many objects an action concerns.
func (p *Plan) Count(a Action) int {
	n := 0
	for _, s := range p.Steps {
		if s.Action == a {
			n++
		}
	}
	return n
}

// Empty says that the cluster is already as wanted.
func (p *Plan) Empty() bool { return p.Count(Unchanged) == len(p.Steps) }

// Refused says that the API server would not take an object.
type Refused struct {
	Key   snapshot.Key
	Cause error
}

func (e *Refused) Error() string {
	return fmt.Sprintf("the API server refuses %s: %s", e.Key, kube.Message(e.Cause))
}

func (e *Refused) Unwrap() error { return e.Cause }

// elsewhere tries an object of a namespace that the plan brings in one that is
// there: the API server judges its form alike. Only what it says about the
// form counts; quotas and the like are that namespace's own.
func elsewhere(ctx context.Context, c *kube.Client, s Step) error {
	o := s.apply.DeepCopy()
	o.SetNamespace("default")
	_, err := c.Apply(ctx, o, true)
	if kube.Invalid(err) || kube.Broken(err) {
		return failure(s.Key, err)
	}
	return nil
}

func isRefusal(err error) bool {
	var refused *Refused
	return errors.As(err, &refused)
}

// failure tells a refusal, which is an answer, from a request without one.
func failure(key snapshot.Key, err error) error {
	if kube.Broken(err) {
		return fmt.Errorf("sending %s: %w", key, err)
	}
	return &Refused{key, err}
}

// parallel bounds the requests that a plan has open at once.
const parallel = 8

// Prepare compares the manifests with the cluster by asking the API server to
// apply each as a dry run, so that its defaults, its validation and every
// admission webhook have their say. Nothing is written. Every refusal is
// returned, joined into one error.
func Prepare(ctx context.Context, c *kube.Client, manifests []snapshot.Manifest, owner Owner) (*Plan, error) {
	steps := make([]Step, len(manifests))
	errs := make([]error, len(manifests))
	coming := bringsAlong(manifests)
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i, m := range manifests {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			steps[i], errs[i] = step(ctx, c, m, coming)
		})
	}
	wg.Wait()
	// Requests without an answer fail alike; one of them says it all.
	if i := slices.IndexFunc(errs, kube.Broken); i >= 0 && !isRefusal(errs[i]) {
		return nil, c.Explain(errs[i])
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	stale, err := leftovers(ctx, c, manifests, owner)
	if err != nil {
		return nil, err
	}
	markWebhooks(steps)
	return &Plan{append(steps, stale...)}, nil
}

// markWebhooks finds the webhooks that wait for istiod, if the plan has one.
func markWebhooks(steps []Step) {
	istiod := slices.ContainsFunc(steps, func(s Step) bool {
		return s.Key.Kind == "Deployment" && s.Manifest.Object.GetLabels()["app"] == "istiod"
	})
	for i, s := range steps {
		steps[i].awaitIstiod = istiod && s.Key.Group == "admissionregistration.k8s.io" && strings.HasSuffix(s.Key.Kind, "WebhookConfiguration")
	}
}

// brought is what the plan itself brings into the cluster: a dry run inside
// one of its namespaces, or of one of its kinds, cannot work yet.
type brought struct {
	namespaces map[string]bool
	kinds      map[schema.GroupKind]bool
}

func bringsAlong(manifests []snapshot.Manifest) brought {
	out := brought{map[string]bool{}, map[schema.GroupKind]bool{}}
	for _, m := range manifests {
		switch m.Object.GetKind() {
		case "Namespace":
			out.namespaces[m.Object.GetName()] = true
		case "CustomResourceDefinition":
			group, _, _ := unstructured.NestedString(m.Object.Object, "spec", "group")
			kind, _, _ := unstructured.NestedString(m.Object.Object, "spec", "names", "kind")
			out.kinds[schema.GroupKind{Group: group, Kind: kind}] = true
		}
	}
	return out
}

// explains says whether a refusal is only due to what is not there yet.
func (b brought) explains(err error, o *unstructured.Unstructured) bool {
	return kube.NotFound(err) && b.namespaces[o.GetNamespace()] ||
		kube.UnknownKind(err) && b.kinds[o.GroupVersionKind().GroupKind()]
}

func step(ctx context.Context, c *kube.Client, m snapshot.Manifest, coming brought) (Step, error) {
	s := Step{Key: snapshot.KeyOf(m.Object), Manifest: m, apply: m.Object, Action: Create}
	live, err := c.Get(ctx, m.Object.GroupVersionKind(), m.Object.GetNamespace(), m.Object.GetName())
	if err != nil && !kube.NotFound(err) {
		return s, fmt.Errorf("reading %s: %w", s.Key, err)
	}
	if err == nil {
		s.apply = snapshot.LeaveToIstiod(m.Object, live)
	}
	after, applyErr := c.Apply(ctx, s.apply, true)
	switch {
	case applyErr == nil:
	case kube.NotFound(applyErr) && coming.namespaces[m.Object.GetNamespace()]:
		return s, elsewhere(ctx, c, s)
	case coming.explains(applyErr, m.Object):
		return s, nil
	default:
		return s, failure(s.Key, applyErr)
	}
	if err == nil {
		s.Action = Unchanged
		for _, d := range kube.Diff(live, after) {
			s.Action = Change
			s.Fields = append(s.Fields, snapshot.FieldChange{Path: d.Path, Live: d.Old, Want: d.New})
		}
	}
	return s, nil
}
