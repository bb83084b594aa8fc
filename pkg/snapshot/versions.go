package snapshot

import (
	"slices"
	"strings"
	"sync"

	"istio.io/istio/pkg/config/schema/collections"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// istioVersions are the versions of Istio's kinds that its CRDs serve.
var istioVersions = sync.OnceValue(func() map[schema.GroupKind][]string {
	out := map[schema.GroupKind][]string{}
	for _, s := range collections.Pilot.All() {
		if !strings.HasSuffix(s.Group(), ".istio.io") {
			continue
		}
		key := schema.GroupKind{Group: s.Group(), Kind: s.Kind()}
		for _, alias := range s.GroupVersionAliasKinds() {
			out[key] = append(out[key], alias.Version)
		}
		out[key] = append(out[key], s.Version())
	}
	return out
})

// Serves says whether an API server with Istio's CRDs knows the kind in a
// version. Of other kinds nobody can tell without the server.
func (k Kind) Serves(version string) bool {
	known := istioVersions()[k.GroupKind()]
	return len(known) == 0 || slices.Contains(known, version)
}
