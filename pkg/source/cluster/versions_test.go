package cluster

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// oldServer serves one version of one kind.
type oldServer struct {
	Reader
	serves schema.GroupVersionKind
	object *unstructured.Unstructured
}

func (s oldServer) Each(_ context.Context, gvk schema.GroupVersionKind, _, _ string, visit func(*unstructured.Unstructured) error) error {
	if gvk != s.serves {
		return &meta.NoKindMatchError{GroupKind: gvk.GroupKind(), SearchedVersions: []string{gvk.Version}}
	}
	return visit(s.object)
}

// TestOlderVersions wants routes of a cluster that serves an alpha of the
// Gateway API, and empty lists of kinds that it does not serve.
func TestOlderVersions(t *testing.T) {
	route := &unstructured.Unstructured{}
	err := route.UnmarshalJSON([]byte(`{"apiVersion":"gateway.networking.k8s.io/v1alpha2","kind":"TLSRoute","metadata":{"name":"db","namespace":"shop"},
"spec":{"parentRefs":[{"name":"edge"}],"hostnames":["db.example.com"],"rules":[{"backendRefs":[{"name":"db","port":5432}]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	server := oldServer{serves: route.GroupVersionKind(), object: route}
	s := &snapshot.Snapshot{}
	for _, k := range snapshot.ObjectKinds() {
		if k.Group == "gateway.networking.k8s.io" || k.Group == "extensions.istio.io" {
			if err := typed(k).read(t.Context(), server, s); err != nil {
				t.Errorf("%s: %v", k.Kind, err)
			}
		}
	}
	if len(s.TLSRoutes) != 1 || *s.TLSRoutes[0].Spec.Rules[0].BackendRefs[0].Port != 5432 {
		t.Errorf("TLSRoutes: %v", s.TLSRoutes)
	}
	if n := len(s.TCPRoutes) + len(s.ListenerSets) + len(s.BackendTLSPolicies) + len(s.TrafficExtensions); n != 0 {
		t.Errorf("%d objects of kinds that are not there", n)
	}
}
