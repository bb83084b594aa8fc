package mesh

import (
	"istio.io/istio/pkg/config/constants"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// Class says what istiod makes of the Kubernetes Gateways of a class.
type Class int

// The classes of Gateways. Of Foreign ones istiod makes nothing; Unknown are
// those that neither Istio brings nor the picture explains.
const (
	UnknownClass Class = iota
	ForeignClass
	EdgeClass
	WaypointClass
	EastWestClass
	RemoteClass
)

// classes are Istio's own, which need no GatewayClass object.
func builtinClasses() map[string]Class {
	return map[string]Class{
		"istio":                                 EdgeClass,
		constants.AgentgatewayClassName:         EdgeClass,
		constants.RemoteGatewayClassName:        RemoteClass,
		constants.WaypointGatewayClassName:      WaypointClass,
		constants.AgentgatewayWaypointClassName: WaypointClass,
		constants.EastWestGatewayClassName:      EastWestClass,
	}
}

// classOf reads the controller that a GatewayClass names.
func classOf(c *gateway.GatewayClass) Class {
	switch c.Spec.ControllerName {
	case "istio.io/gateway-controller", "istio.io/agentgateway-controller":
		return EdgeClass
	case "istio.io/unmanaged-gateway":
		return RemoteClass
	case "istio.io/mesh-controller":
		return WaypointClass
	case "istio.io/eastwest-controller":
		return EastWestClass
	}
	return ForeignClass
}

// Class is that of a Kubernetes Gateway: by the GatewayClass in the picture,
// else by the names that Istio gives its own.
func (m *Mesh) Class(g *gateway.Gateway) Class { return m.ClassNamed(string(g.Spec.GatewayClassName)) }

// ClassNamed is the same for the name of a class.
func (m *Mesh) ClassNamed(name string) Class {
	for _, c := range m.GatewayClasses {
		if c.Name == name {
			return classOf(c)
		}
	}
	return builtinClasses()[name]
}
