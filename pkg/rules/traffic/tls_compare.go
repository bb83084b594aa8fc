package traffic

import (
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	apisecurity "istio.io/api/security/v1beta1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// compare says where client and workload do not understand each other.
func (c *contradictions) compare(s *mesh.Service, w *mesh.Workload, port mesh.Port, mode api.ClientTLSSettings_TLSmode, at finding.Location) {
	number := w.Landing(port)
	if number == 0 || gateway(w) {
		return
	}
	wants, by := c.mesh.PeerMode(w, uint32(number))
	meshed := c.inMesh(w)
	if w.Spared(number) {
		meshed = mesh.No
	}
	switch mode {
	case api.ClientTLSSettings_DISABLE, api.ClientTLSSettings_SIMPLE:
		if meshed == mesh.Yes && wants == apisecurity.PeerAuthentication_MutualTLS_STRICT {
			c.add(at, s, "mode %s does not get to %s: PeerAuthentication %s/%s lets only mTLS through to %s", mode, s.Host, by.Namespace, by.Name, w)
		}
	case api.ClientTLSSettings_ISTIO_MUTUAL:
		switch {
		case meshed == mesh.No:
			c.add(at, s, "mode ISTIO_MUTUAL does not get to %s: port %d of %s has no proxy that speaks mTLS", s.Host, number, w)
		case meshed == mesh.Yes && wants == apisecurity.PeerAuthentication_MutualTLS_DISABLE:
			c.add(at, s, "mode ISTIO_MUTUAL does not get to %s: PeerAuthentication %s/%s turns mTLS off for %s", s.Host, by.Namespace, by.Name, w)
		}
	}
}

// inMesh says whether a sidecar or ztunnel stands before a workload.
func (c *contradictions) inMesh(w *mesh.Workload) mesh.Answer {
	sidecar, ambient := c.mesh.HasSidecar(w), c.mesh.InAmbient(w)
	switch {
	case sidecar == mesh.Yes || ambient == mesh.Yes:
		return mesh.Yes
	case sidecar == mesh.No && ambient == mesh.No:
		return mesh.No
	}
	return mesh.Unknown
}

// withoutAuto looks for services that clients send plain text to because auto
// mTLS is off and no rule says otherwise.
func (c *contradictions) withoutAuto(s *mesh.Service) {
	if !c.mesh.Told || c.mesh.Config.GetEnableAutoMtls() == nil || c.mesh.Config.GetEnableAutoMtls().GetValue() {
		return
	}
	rules := c.mesh.RulesFor(s.Host, s.Namespace, "")
	for _, port := range s.Ports {
		if slices.ContainsFunc(rules, func(r *mesh.DestinationRule) bool {
			tls, _ := tlsAt(r.Spec.GetTrafficPolicy(), port.Number)
			return tls != nil
		}) {
			continue
		}
		for _, w := range c.workloads(s, nil) {
			number := w.Landing(port)
			if wants, by := c.mesh.PeerMode(w, uint32(number)); number != 0 && !gateway(w) && !w.Spared(number) && c.inMesh(w) == mesh.Yes && wants == apisecurity.PeerAuthentication_MutualTLS_STRICT {
				c.add(snapshot.Place(by, "spec.mtls.mode"), s, "auto mTLS is off and no DestinationRule sets ISTIO_MUTUAL for %s, so that clients send plain text, which this lets not through", s.Host)
			}
		}
	}
}

// gateway says whether a workload is a gateway, which asks nothing of
// connections by PeerAuthentication.
func gateway(w *mesh.Workload) bool {
	return strings.Contains(w.Annotations["inject.istio.io/templates"], "gateway") || w.Labels["gateway.networking.k8s.io/gateway-name"] != "" ||
		slices.ContainsFunc(w.Spec.Containers, func(c corev1.Container) bool { return c.Name == "istio-proxy" && slices.Contains(c.Args, "router") })
}
