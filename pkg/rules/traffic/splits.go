package traffic

import (
	"fmt"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// split is the destinations of one rule.
type split struct {
	path  string
	parts []part
}

type part struct {
	to      *api.Destination
	weight  int32
	headers *api.Headers
}

func splits(v *mesh.VirtualService) []split {
	var out []split
	for i, r := range v.Spec.GetHttp() {
		s := split{path: fmt.Sprintf("spec.http[%d].route", i)}
		for _, d := range r.GetRoute() {
			s.parts = append(s.parts, part{d.GetDestination(), d.GetWeight(), d.GetHeaders()})
		}
		out = append(out, s)
	}
	plain := func(path string, i int, routes []*api.RouteDestination) {
		s := split{path: fmt.Sprintf(path, i)}
		for _, d := range routes {
			s.parts = append(s.parts, part{d.GetDestination(), d.GetWeight(), nil})
		}
		out = append(out, s)
	}
	for i, r := range v.Spec.GetTcp() {
		plain("spec.tcp[%d].route", i, r.GetRoute())
	}
	for i, r := range v.Spec.GetTls() {
		plain("spec.tls[%d].route", i, r.GetRoute())
	}
	return out
}
