package kubelet

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

// pull fails where a kubelet's would fail on every machine: for what is no
// reference, and for a registry below .invalid, a name that RFC 2606 keeps from
// ever being given out. All other images count as pulled.
func pull(image string) error {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return &problem{"InvalidImageName", "InspectFailed", fmt.Errorf("couldn't parse image name %q: %w", image, err)}
	}
	host, _, _ := strings.Cut(reference.Domain(named), ":")
	if strings.HasSuffix(host, ".invalid") {
		return &problem{"ErrImagePull", "Failed", fmt.Errorf("failed to pull image %q: lookup %s: no such host", image, host)}
	}
	return nil
}
