package cluster

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"istio.io/istio/pkg/config/schema/collections"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Mapper knows the kinds of a cluster. A *kube.Client is one.
type Mapper interface {
	Map(ctx context.Context, gvk schema.GroupVersionKind) (kube.Mapping, error)
}

// ReadUnserved finds the CRDs in the cluster that do not serve the version in
// which the linked istiod reads their kind. What the installation itself writes
// is as istiod wants it afterwards.
func ReadUnserved(ctx context.Context, m Mapper, s *snapshot.Snapshot) error {
	there := map[string]bool{}
	for _, crd := range s.CRDs {
		there[crd.Name] = true
	}
	for _, m := range s.Rendered {
		if m.Object.GetKind() == "CustomResourceDefinition" {
			delete(there, m.Object.GetName())
		}
	}
	s.Unserved = nil
	for _, read := range collections.PilotGatewayAPI().All() {
		name := read.Plural() + "." + read.Group()
		if !there[name] {
			continue
		}
		_, err := m.Map(ctx, kind(read.Group(), read.Version(), read.Kind()))
		switch {
		case kube.UnknownKind(err):
			s.Unserved = append(s.Unserved, snapshot.UnservedKind{CRD: name, Version: read.Version()})
		case err != nil:
			return err
		}
	}
	return nil
}
