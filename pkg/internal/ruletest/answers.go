package ruletest

import (
	"context"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

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
