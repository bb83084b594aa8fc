package ruletest

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

// fixtureKubernetes is the version of a fixture's API server, where flags.txt
// names none.
const fixtureKubernetes = "v1.34.2"

func hasCluster(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, clusterFile))
	return err == nil
}

// populate lays the objects of cluster.yaml into the picture, with all that
// follows from them, and returns the stage that the rule looks at it in.
// Answers that only an API server can give stay missing.
func populate(t testing.TB, r *rule.Rule, dir string, s *snapshot.Snapshot) rule.Stage {
	t.Helper()
	objects := occupy(t, filepath.Join(dir, clusterFile), s)
	render(t, s)
	if err := cluster.ReadExisting(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	s.Provide(snapshot.Existing)
	alive(t, s, objects)
	answer(t, objects, s)
	if err := cluster.ReadTouched(t.Context(), objects, s); err == nil {
		s.Provide(snapshot.Touched)
	}
	if r.In(rule.Precheck) {
		return rule.Precheck
	}
	if err := cluster.ReadIstiods(t.Context(), readAnswers(t, dir), s); err != nil {
		t.Fatal(err)
	}
	return rule.Verify
}

// occupy lays the objects in a file into the picture.
func occupy(t testing.TB, path string, s *snapshot.Snapshot) folder {
	t.Helper()
	objects := readObjects(t, path)
	s.Target.Kubernetes = cmp.Or(s.Target.Kubernetes, fixtureKubernetes)
	s.Target.Context = "fixture"
	s.Provide(snapshot.ServerVersion)
	if err := cluster.ReadObjects(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	cluster.Recognise(s, objects.groups())
	return objects
}

// render fills in what would be installed on the fixture's cluster.
func render(t testing.TB, s *snapshot.Snapshot) {
	t.Helper()
	s.Rendered = nil
	for _, c := range s.Configs {
		for _, m := range renderedOnce(t, c, s.Target.Kubernetes) {
			m.Config = c
			s.Rendered = append(s.Rendered, m)
		}
	}
	s.Provide(snapshot.Rendered)
}

// renderings holds what was rendered before: most fixtures are about the same
// configuration, and rendering takes longer than all the rest.
var renderings sync.Map

func renderedOnce(t testing.TB, c *snapshot.Config, kubernetes string) []snapshot.Manifest {
	t.Helper()
	text, err := c.Root.JSON()
	if err != nil {
		t.Fatal(err)
	}
	key := [4]string{c.Chart, c.Release() + "/" + c.Namespace(), kubernetes, string(text)}
	if known, ok := renderings.Load(key); ok {
		return known.([]snapshot.Manifest)
	}
	out, err := rendered.Render(c, rendered.Options{Kubernetes: kubernetes})
	if err != nil {
		t.Fatal(err)
	}
	renderings.Store(key, out)
	return out
}

// folder serves the objects of a fixture as a cluster would.
type folder []*unstructured.Unstructured

func readObjects(t testing.TB, path string) folder {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out folder
	for _, d := range document.Parse(clusterFile, data) {
		if len(d.Problems) > 0 {
			t.Fatalf("%s: %v", path, d.Problems)
		}
		if d.Root == nil || d.Root.Kind != document.Map {
			continue
		}
		text, err := d.Root.JSON()
		if err != nil {
			t.Fatal(err)
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(text); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, o)
	}
	return out
}

// Each implements cluster.Reader.
func (f folder) Each(_ context.Context, gvk schema.GroupVersionKind, namespace, selector string, visit func(*unstructured.Unstructured) error) error {
	matches, err := labels.Parse(selector)
	if err != nil {
		return err
	}
	for _, o := range f {
		if o.GroupVersionKind() == gvk && (namespace == "" || o.GetNamespace() == namespace) && matches.Matches(labels.Set(o.GetLabels())) {
			if err := visit(o.DeepCopy()); err != nil {
				return err
			}
		}
	}
	return nil
}

// ListMeta implements cluster.Reader.
func (f folder) ListMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, selector string) ([]*metav1.PartialObjectMetadata, error) {
	var out []*metav1.PartialObjectMetadata
	err := f.Each(ctx, gvk, namespace, selector, func(o *unstructured.Unstructured) error {
		item := &metav1.PartialObjectMetadata{}
		out = append(out, item)
		return runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, item)
	})
	return out, err
}

// Get implements cluster.Reader.
func (f folder) Get(_ context.Context, gvk schema.GroupVersionKind, namespace, name string) (*unstructured.Unstructured, error) {
	for _, o := range f {
		if o.GroupVersionKind() == gvk && o.GetNamespace() == namespace && o.GetName() == name {
			return o.DeepCopy(), nil
		}
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, name)
}

// GetMeta implements cluster.Reader.
func (f folder) GetMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, name string) (*metav1.PartialObjectMetadata, error) {
	found, err := f.ListMeta(ctx, gvk, namespace, "")
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(found, func(o *metav1.PartialObjectMetadata) bool { return o.Name == name }); i >= 0 {
		return found[i], nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, name)
}

// groups are the API groups that the fixture's CRDs and API services bring.
func (f folder) groups() []string {
	out := []string{"apps"}
	for _, o := range f {
		_, group, _ := strings.Cut(o.GetName(), ".")
		if kind := o.GetKind(); kind == "CustomResourceDefinition" || kind == "APIService" {
			out = append(out, group)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
