package scope

import (
	"fmt"
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// insideMesh says whether a VirtualService is for sidecars, not for gateways
// only.
func insideMesh(vs *networking.VirtualService) bool {
	return len(vs.Spec.GetGateways()) == 0 || slices.Contains(vs.Spec.GetGateways(), "mesh")
}

// hostPath is where a host of a VirtualService stands.
func hostPath(i int) string { return fmt.Sprintf("spec.hosts[%d]", i) }

// assumed says whether an object is in namespace default only because its file
// names none: it may be applied to another one.
func assumed(p *rule.Pass, o snapshot.Object) bool {
	if o.GetNamespace() != "default" {
		return false
	}
	return !written(p, o, "metadata", "namespace")
}

// written says whether the file of an object has a field. For objects of a
// cluster it is true.
func written(p *rule.Pass, o snapshot.Object, parent, field string) bool {
	above, at := p.Locate(snapshot.Place(o, parent)), p.Locate(snapshot.Place(o, parent+"."+field))
	return above.File == "" || above.Line != at.Line || above.Column != at.Column
}
