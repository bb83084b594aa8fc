package istio

import (
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// leftOut says whether a message of Istio's validation is not reported, because
// it is said whether or not something is wrong.
func leftOut(s *snapshot.Snapshot, o snapshot.Object, text string) bool {
	for _, opinion := range []string{
		// Our rules about ServiceEntries know when.
		"addresses are required for ports",
		// It is said of every EnvoyFilter.
		"EnvoyFilter exposes internal implementation details",
		// It is said of every rule with paths or methods and without ports, of
		// workloads with HTTP only too, as the examples in the documentation.
		"AuthorizationPolicy will deny all traffic to TCP ports",
		// An entry behind another network's gateway has none, as documented.
		"address is unset with network",
		// A body of 100 kB works.
		"large direct_responses may impact control plane performance",
	} {
		if strings.Contains(text, opinion) {
			return true
		}
	}
	return ownRoot(s, o, text)
}

// ownRoot says whether hosts are called duplicated only because the default
// Sidecar of the root namespace, as the documentation gives it, has its own
// namespace both as ./* and by name: the first is the importing namespace for
// those that take it as their default.
func ownRoot(snap *snapshot.Snapshot, o snapshot.Object, text string) bool {
	s, ok := o.(*networking.Sidecar)
	if !ok || s.Namespace != mesh.Of(snap).Root || s.Spec.GetWorkloadSelector() != nil {
		return false
	}
	named := s.Namespace + "/*"
	for _, host := range []string{"./*", named} {
		if strings.HasSuffix(text, "duplicated egress host: "+host) {
			for _, e := range s.Spec.GetEgress() {
				if slices.Contains(e.GetHosts(), "./*") && slices.Contains(e.GetHosts(), named) {
					return true
				}
			}
		}
	}
	return false
}
