package rendered

import (
	"regexp"
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
)

// portRefusal is how istioctl complains of one port of a gateway. It does so
// of several at once, each of which is wrong by itself.
var portRefusal = regexp.MustCompile(`port [^ ]*?/?([0-9]+) in gateway ([^ ]+) invalid: [^,]*(, which [^,]*)?`)

// refusedPort is the first port that a refusal names, and what is said of it.
func (t *tracer) refusedPort(refused string) ([]*document.Value, string) {
	m := portRefusal.FindStringSubmatch(refused)
	if m == nil {
		return nil, ""
	}
	components := t.root.At("spec", "components")
	for _, gateway := range slices.Concat(components.Field("ingressGateways").Items(), components.Field("egressGateways").Items()) {
		for _, port := range gateway.At("k8s", "service", "ports").Items() {
			if gateway.Str("name") == m[2] && port.Str("port") == m[1] {
				return port.Leaves(), m[0]
			}
		}
	}
	return nil, ""
}
