package ruletest

import (
	"context"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
)

// answer fills in what follows from a fixture's objects for those rendered.
func answer(t testing.TB, objects folder, s *snapshot.Snapshot) {
	t.Helper()
	if err := cluster.Autoscaler(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	s.Provide(snapshot.Autoscaler)
	if err := cluster.PullSecrets(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	s.Provide(snapshot.PullSecrets)
	if err := cluster.ReadUnserved(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	s.Provide(snapshot.Unserved)
}

// Map implements cluster.Mapper: a CRD that names no versions serves all.
func (f folder) Map(_ context.Context, gvk schema.GroupVersionKind) (kube.Mapping, error) {
	for _, o := range f {
		name, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
		group, _, _ := unstructured.NestedString(o.Object, "spec", "group")
		if o.GetKind() != "CustomResourceDefinition" || name != gvk.Kind || group != gvk.Group {
			continue
		}
		versions, _, _ := unstructured.NestedSlice(o.Object, "spec", "versions")
		if !slices.ContainsFunc(versions, func(v any) bool {
			version, _ := v.(map[string]any)
			return version["name"] == gvk.Version && version["served"] == true
		}) {
			return kube.Mapping{}, &meta.NoKindMatchError{GroupKind: gvk.GroupKind(), SearchedVersions: []string{gvk.Version}}
		}
	}
	return kube.Mapping{}, nil
}

// SecretType implements cluster.SecretTyper.
func (f folder) SecretType(_ context.Context, namespace, name string) (string, error) {
	for _, o := range f {
		if o.GetKind() == "Secret" && o.GetNamespace() == namespace && o.GetName() == name {
			text, _, err := unstructured.NestedString(o.Object, "type")
			return text, err
		}
	}
	return "", apierrors.NewNotFound(schema.GroupResource{Resource: "secrets"}, name)
}
