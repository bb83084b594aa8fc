package ingress

import (
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// routeParts are what mesh.Routes rests on.
func routeParts(more ...snapshot.Part) []snapshot.Part { return append(mesh.RouteParts(), more...) }

// space is the namespace that a reference of an object leads to.
func space(o snapshot.Object, to *gateway.Namespace) string {
	if to != nil && *to != "" {
		return string(*to)
	}
	return o.GetNamespace()
}

// text is what a pointer to a name leads to, or the default.
func text[T ~string](p *T, otherwise string) string {
	if p == nil {
		return otherwise
	}
	return string(*p)
}

// name is a namespaced name.
type name struct{ namespace, name string }

func (n name) String() string { return n.namespace + "/" + n.name }
