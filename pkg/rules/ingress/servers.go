package ingress

import (
	"fmt"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// server is what a gateway listens with: a server of an Istio Gateway or a
// listener of a Kubernetes one.
type server struct {
	of   snapshot.Object
	path string
	// port is as written; a Service may map it to another of the pods.
	port  uint32
	hosts []string
	// tls says that clients are to speak TLS, kept that it is not taken off.
	tls, kept bool
}

// servers are those of a gateway's proxies.
func servers(e *mesh.Edge) []server {
	var out []server
	for _, g := range e.Gateways {
		out = append(out, serversOf(g)...)
	}
	if e.Kubernetes != nil {
		out = append(out, listenersOf(e.Kubernetes)...)
	}
	return out
}

func serversOf(g *networking.Gateway) []server {
	var out []server
	for i, s := range g.Spec.GetServers() {
		one := server{of: g, path: fmt.Sprintf("spec.servers[%d]", i), port: s.GetPort().GetNumber(), tls: protocol.Parse(s.GetPort().GetProtocol()).IsTLS()}
		for _, host := range s.GetHosts() {
			if _, name, ok := strings.Cut(host, "/"); ok {
				host = name
			}
			one.hosts = append(one.hosts, host)
		}
		one.kept = strings.Contains(s.GetTls().GetMode().String(), "PASSTHROUGH")
		out = append(out, one)
	}
	return out
}

func listenersOf(g *gateway.Gateway) []server {
	var out []server
	for i, l := range g.Spec.Listeners {
		one := server{of: g, path: fmt.Sprintf("spec.listeners[%d]", i), port: uint32(l.Port), hosts: []string{"*"}}
		one.tls = l.Protocol == gateway.HTTPSProtocolType || l.Protocol == gateway.TLSProtocolType
		if l.Hostname != nil && *l.Hostname != "" {
			one.hosts = []string{string(*l.Hostname)}
		}
		one.kept = l.TLS != nil && l.TLS.Mode != nil && *l.TLS.Mode == gateway.TLSModePassthrough
		out = append(out, one)
	}
	return out
}

// behind are the servers that a port of a Service leads to. A Gateway may name
// the Service's port or that of the pods.
func behind(e *mesh.Edge, all []server, port corev1.ServicePort) []server {
	var out []server
	for _, s := range all {
		if s.port == uint32(port.Port) || s.port == target(e, port) {
			out = append(out, s)
		}
	}
	return out
}

// target is the port of the pods that a Service's port leads to; 0 where only a
// name tells it and the pods are not known.
func target(e *mesh.Edge, port corev1.ServicePort) uint32 {
	if number := port.TargetPort.IntValue(); number > 0 || port.TargetPort.StrVal == "" {
		return uint32(max(number, 0))
	}
	if e.Workload == nil {
		return 0
	}
	for _, c := range e.Workload.Spec.Containers {
		for _, p := range c.Ports {
			if p.Name == port.TargetPort.StrVal {
				return uint32(p.ContainerPort)
			}
		}
	}
	return 0
}
