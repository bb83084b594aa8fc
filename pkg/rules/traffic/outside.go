package traffic

import (
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// outside reports rules that speak the mesh's own mTLS to hosts that nothing of
// the mesh answers for.
func (c *contradictions) outside(s *mesh.Service) {
	for _, r := range effective(c.mesh, s) {
		for _, port := range s.Ports {
			tls, at := tlsAt(r.Spec.GetTrafficPolicy(), port.Number)
			if tls.GetMode() != api.ClientTLSSettings_ISTIO_MUTUAL {
				continue
			}
			c.add(snapshot.Place(r.DestinationRule, "spec.trafficPolicy"+at), s,
				"mode ISTIO_MUTUAL shows the mesh's certificates to %s, which is outside of the mesh: use SIMPLE or MUTUAL, or say location: MESH_INTERNAL if a proxy of the mesh answers there", s.Host).severity = finding.Warning
		}
	}
}

// external says whether a service is surely outside of the mesh: its
// ServiceEntry says so, and names no endpoint, which might be of another mesh.
func external(s *mesh.Service) bool {
	if s.Entry == nil {
		return false
	}
	e := &s.Entry.Spec
	return e.GetLocation() == api.ServiceEntry_MESH_EXTERNAL && e.GetResolution() != api.ServiceEntry_STATIC &&
		len(e.GetEndpoints()) == 0 && e.GetWorkloadSelector() == nil && len(e.GetSubjectAltNames()) == 0 &&
		!strings.HasSuffix(s.Host, ".local") && !strings.HasSuffix(s.Host, ".global")
}
