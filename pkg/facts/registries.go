package facts

import "strings"

// RetiredRegistry is the registry of Istio's releases that an image, or a hub,
// is from and that is being shut down; "" for others.
func RetiredRegistry(image string) string {
	for _, registry := range []string{"gcr.io/istio-release", "registry.istio.io/release"} {
		if rest, ok := strings.CutPrefix(image, registry); ok && (rest == "" || rest[0] == '/' || rest[0] == ':') {
			return registry
		}
	}
	return ""
}
