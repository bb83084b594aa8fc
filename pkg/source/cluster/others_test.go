package cluster_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
)

// secrets is a cluster that holds nothing but Secrets.
type secrets struct {
	names   map[string]string // by the clusters that they are for
	refused error
}

func (secrets) Each(context.Context, schema.GroupVersionKind, string, string, func(*unstructured.Unstructured) error) error {
	return nil
}

func (s secrets) ListMeta(_ context.Context, gvk schema.GroupVersionKind, namespace, labels string) (out []*metav1.PartialObjectMetadata, err error) {
	if gvk.Kind != "Secret" || namespace != "istio-system" || labels != "istio/multiCluster=true" {
		return nil, nil
	}
	for id, name := range s.names {
		o := &metav1.PartialObjectMetadata{}
		o.Name, o.Annotations = name, map[string]string{"networking.istio.io/cluster": id}
		out = append(out, o)
	}
	return out, s.refused
}

func (secrets) Get(_ context.Context, gvk schema.GroupVersionKind, _, name string) (*unstructured.Unstructured, error) {
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, name)
}

func (secrets) GetMeta(_ context.Context, gvk schema.GroupVersionKind, _, name string) (*metav1.PartialObjectMetadata, error) {
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, name)
}

// Services of other clusters are as good as those of its own, so a cluster with
// a remote secret is not all that there is.
func TestOtherClustersCount(t *testing.T) {
	refused := apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "", nil)
	for name, c := range map[string]struct {
		objects secrets
		network string
		want    string // the reason; "" where there is nothing besides
	}{
		"alone":                     {},
		"own ID":                    {objects: secrets{names: map[string]string{"Kubernetes": "istio-remote-secret-own"}}},
		"remote secret":             {objects: secrets{names: map[string]string{"west": "istio-remote-secret-west"}}, want: "cluster west"},
		"Secrets refused":           {objects: secrets{refused: refused}},
		"Secrets refused, networks": {objects: secrets{refused: refused}, network: "east", want: "may count too"},
	} {
		t.Run(name, func(t *testing.T) {
			istiod := &unstructured.Unstructured{}
			istiod.SetNamespace("istio-system")
			root := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "istio-system"}}
			if c.network != "" {
				root.Labels = map[string]string{"topology.istio.io/network": c.network}
			}
			s := &snapshot.Snapshot{}
			s.ControlPlanes, s.Namespaces = []*unstructured.Unstructured{istiod}, []*corev1.Namespace{root}
			s.Provide(snapshot.ControlPlanes)
			if err := cluster.Complete(t.Context(), c.objects, s); err != nil {
				t.Fatal(err)
			}
			ok, why := s.Has(snapshot.Sole)
			if ok != (c.want == "") || !strings.Contains(why, c.want) {
				t.Errorf("sole cluster: %v, %q; want %q", ok, why, c.want)
			}
			if whole, _ := s.Has(snapshot.Whole); !whole {
				t.Error("the lists of objects are whole all the same")
			}
		})
	}
}
