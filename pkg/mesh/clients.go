package mesh

import (
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// ShowsPeers says whether clients of a gateway show certificates, from which an
// identity could be read: Yes where some server asks for one, No where none
// does. Where no server is known, only the gateway's labels tell.
func (e *Edge) ShowsPeers() Answer {
	switch {
	case e.Class != EdgeClass:
		return Yes
	case e.Kubernetes == nil && len(e.Gateways) == 0:
		return e.guess()
	}
	if e.Kubernetes != nil && slices.ContainsFunc(e.Kubernetes.Spec.Listeners, asksListener) {
		return Yes
	}
	if e.Kubernetes != nil && e.Kubernetes.Spec.TLS != nil && e.Kubernetes.Spec.TLS.Frontend != nil {
		return Yes
	}
	if e.set != nil && e.set.asks {
		return Yes
	}
	return No
}

// asks says whether a server takes certificates of clients, or hands their
// connections to a proxy that does.
func asks(s *networking.Server) bool {
	switch s.GetTls().GetMode() {
	case networking.ServerTLSSettings_MUTUAL, networking.ServerTLSSettings_ISTIO_MUTUAL,
		networking.ServerTLSSettings_OPTIONAL_MUTUAL, networking.ServerTLSSettings_AUTO_PASSTHROUGH:
		return true
	}
	return false
}

func asksListener(l gateway.Listener) bool {
	return l.Protocol == "HBONE" || l.TLS != nil && len(l.TLS.Options) > 0
}

// guess goes by the names that Istio's own installation gives its gateways.
func (e *Edge) guess() Answer {
	for _, k := range []string{"istio", "app"} {
		if strings.Contains(e.Labels[k], "ingress") {
			return No
		}
	}
	return Unknown
}

// BetweenNetworks says whether a gateway passes on connections of other
// networks of the mesh.
func (e *Edge) BetweenNetworks() bool {
	if e.Class == EastWestClass {
		return true
	}
	if e.set != nil && e.set.passes {
		return true
	}
	return strings.Contains(e.Labels["istio"], "eastwest") || strings.Contains(e.Labels["app"], "eastwest")
}

// passes says whether a server hands connections of other networks on.
func passes(s *networking.Server) bool {
	return s.GetTls().GetMode() == networking.ServerTLSSettings_AUTO_PASSTHROUGH
}
