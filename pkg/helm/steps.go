package helm

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// comingSoon is what the releases before bring into the cluster: a dry run
// inside one of their namespaces, or of one of their kinds, cannot work yet.
type comingSoon struct {
	namespaces map[string]bool
	kinds      map[schema.GroupKind]bool
	roles      map[string]bool
}

func (b *comingSoon) namespace(name string) {
	if b.namespaces == nil {
		b.namespaces = map[string]bool{}
	}
	b.namespaces[name] = true
}

func (b *comingSoon) add(objects []*unstructured.Unstructured) {
	if b.kinds == nil {
		b.kinds, b.roles = map[schema.GroupKind]bool{}, map[string]bool{}
	}
	for _, o := range objects {
		b.roles[o.GetKind()+"/"+o.GetName()] = true
		if o.GetKind() == "CustomResourceDefinition" {
			group, _, _ := unstructured.NestedString(o.Object, "spec", "group")
			kind, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
			b.kinds[schema.GroupKind{Group: group, Kind: kind}] = true
		}
	}
}

// brings says whether an object is refused only for what is not there yet. Who
// may not bind a role before it exists gets to know that it does not.
func (b *comingSoon) brings(err error, o *unstructured.Unstructured) bool {
	kind, _, _ := unstructured.NestedString(o.Object, "roleRef", "kind")
	name, _, _ := unstructured.NestedString(o.Object, "roleRef", "name")
	return kube.UnknownKind(err) && b.kinds[o.GroupVersionKind().GroupKind()] || kube.NotFound(err) && b.roles[kind+"/"+name]
}

// steps compares a release's objects, those of its last revision and those it
// wants, with the cluster.
func (r *run) steps(ctx context.Context, rel Release, before, after []*unstructured.Unstructured) ([]install.Step, error) {
	r.coming.add(after)
	old := map[snapshot.Key]*unstructured.Unstructured{}
	for _, o := range before {
		old[snapshot.KeyOf(o)] = o
	}
	steps, errs := make([]install.Step, len(after)), make([]error, len(after))
	kube.InParallel(len(after), func(i int) { steps[i], errs[i] = r.step(ctx, rel, old[snapshot.KeyOf(after[i])], after[i]) })
	for _, s := range steps {
		delete(old, s.Key)
	}
	gone, err := r.deletions(ctx, rel, before, old)
	return append(steps, gone...), errors.Join(append(errs, err)...)
}

// step finds out what Helm would do to one object. Istio's webhooks are
// patched like everything else: what istiod has written is in neither
// revision, so that it stays.
func (r *run) step(ctx context.Context, rel Release, before, after *unstructured.Unstructured) (install.Step, error) {
	s := install.Step{Action: install.Create, Key: snapshot.KeyOf(after), Manifest: snapshot.Manifest{Component: "Helm", Object: after, Config: rel.Config}}
	live, err := r.client.kube.Get(ctx, after.GroupVersionKind(), after.GetNamespace(), after.GetName())
	if kube.NotFound(err) {
		return s, r.create(ctx, s.Key, after)
	}
	if err != nil {
		return s, fmt.Errorf("reading %s: %w", s.Key, err)
	}
	if before == nil {
		if !signed(live, rel) {
			s.Conflicts = []snapshot.Conflict{{Manager: owner(live), Fields: []string{"metadata"}}}
		}
		before = after // Helm has no revision to compare with, so nothing is taken away
	}
	result, err := r.client.kube.MergeDryRun(ctx, before, after, live)
	if err != nil {
		return s, failure(s.Key, err)
	}
	s.Action = install.Unchanged
	for _, d := range kube.DiffInside(live, result) {
		s.Action = install.Change
		s.Fields = append(s.Fields, snapshot.FieldChange{Path: d.Path, Live: d.Old, Want: d.New})
	}
	return s, nil
}

// create tries an object that is not there. In a namespace that is not there
// either only the object's form can be judged, so it is sent to another one.
func (r *run) create(ctx context.Context, key snapshot.Key, o *unstructured.Unstructured) error {
	_, err := r.client.kube.CreateDryRun(ctx, o)
	switch {
	case err == nil || r.coming.brings(err, o):
		return nil
	case kube.NotFound(err) && r.coming.namespaces[o.GetNamespace()]:
		elsewhere := o.DeepCopy()
		elsewhere.SetNamespace("default")
		if _, err = r.client.kube.CreateDryRun(ctx, elsewhere); kube.Invalid(err) || kube.Broken(err) {
			return failure(key, err)
		}
		return nil
	}
	return failure(key, err)
}

// failure tells a refusal, which is an answer, from a request without one.
func failure(key snapshot.Key, err error) error {
	if kube.Broken(err) {
		return fmt.Errorf("sending %s: %w", key, err)
	}
	return &install.Refused{Key: key, Cause: err}
}

// deletions are the objects of the last revision that are no longer wanted,
// but for those that the chart tells Helm to keep.
func (r *run) deletions(ctx context.Context, rel Release, order []*unstructured.Unstructured, old map[snapshot.Key]*unstructured.Unstructured) ([]install.Step, error) {
	var out []install.Step
	for _, o := range order {
		key := snapshot.KeyOf(o)
		if old[key] == nil {
			continue
		}
		live, err := r.client.kube.Get(ctx, o.GroupVersionKind(), o.GetNamespace(), o.GetName())
		if kube.NotFound(err) {
			continue
		}
		if err != nil {
			return out, fmt.Errorf("reading %s: %w", key, err)
		}
		if live.GetAnnotations()[policy] != "keep" {
			out = append(out, install.Step{Action: install.Delete, Key: key, Manifest: snapshot.Manifest{Component: "Helm", Object: live, Config: rel.Config}})
		}
	}
	return out, nil
}

// owner names whose an object is, by the marks that tools leave.
func owner(o *unstructured.Unstructured) string {
	if keeper, known := snapshot.KeeperOf(o); known {
		return keeper.String()
	}
	return "no Helm release"
}
