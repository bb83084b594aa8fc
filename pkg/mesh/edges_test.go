package mesh_test

import (
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/source/files"
)

const gateways = `
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingressgateway, app: ingress}}
spec: {containers: [{name: istio-proxy, args: [proxy, router]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {app: ingress}, ports: [{port: 443}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: lost, namespace: shop}
spec: {selector: {istio: nobody}, servers: [{port: {number: 443, name: tls, protocol: TLS}, hosts: [a.example.com], tls: {mode: ISTIO_MUTUAL}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: api, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: all, namespace: istio-system}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: own, namespace: edge}
spec: {selector: {matchLabels: {app: ingress}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: named, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: api}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ingress, namespace: edge}
spec: {selector: {matchLabels: {app: ingress}}, mtls: {mode: DISABLE}}
`

func TestEdges(t *testing.T) {
	s, err := files.LoadObjects([]string{"-"}, strings.NewReader(gateways), "", files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := mesh.Of(s)
	want := map[string]struct {
		gateways, services int
		peers              mesh.Answer
		policies           string
	}{
		"Pod/edge/ingress-1":            {1, 1, mesh.No, "own all"},
		"the gateway with istio=nobody": {1, 0, mesh.Yes, "all"},
		"Gateway/shop/api":              {0, 0, mesh.No, "all named"},
	}
	for _, e := range m.Edges() {
		var names []string
		for _, p := range m.PoliciesOn(e) {
			names = append(names, p.Name)
		}
		w, ok := want[e.String()]
		if !ok || len(e.Gateways) != w.gateways || len(e.Services) != w.services || e.ShowsPeers() != w.peers || strings.Join(names, " ") != w.policies {
			t.Errorf("%s: %d gateways, %d services, peers %v, policies %v; want %+v", e, len(e.Gateways), len(e.Services), e.ShowsPeers(), names, w)
		}
		delete(want, e.String())
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	if mode, own := m.PeerMode(m.Workloads()[0], 80); mode != mesh.Disabled || own == nil {
		t.Errorf("mode %v by %v", mode, own)
	}
}
