// Package ports holds the rules about Kubernetes Services: ports and protocols.
package ports

import (
	"strings"

	"istio.io/istio/pkg/config/kube"
	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Services"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		headlessPorts(), listenerConflicts(), externalName(), externalNameTarget(), protocolNotDeclared(), serverFirst(), protocolFilterOff(), protocolsDisagree(), doubleTLS(),
	}
}

// mine are Services of the user.
type mine []*corev1.Service

// services are the user's Services, found once for a snapshot: not those of
// Kubernetes itself, of Istio's charts, or made by istiod for a Gateway.
func services(s *snapshot.Snapshot) []*corev1.Service {
	return snapshot.Derived(s, func(s *snapshot.Snapshot) mine {
		out := make(mine, 0, len(s.Services))
		for _, one := range s.Services {
			if ours(one) {
				out = append(out, one)
			}
		}
		return out
	})
}

func ours(s *corev1.Service) bool {
	switch s.Namespace {
	case "kube-system", "kube-public", "kube-node-lease":
		return false
	}
	return s.Labels[mesh.ManagedLabel] == "" && s.Labels["operator.istio.io/component"] == "" && s.Labels["istio"] == "" && s.Labels["release"] != "istio" && s.Labels["app"] != "istiod" &&
		s.Labels["app.kubernetes.io/part-of"] != "istio" && s.Labels["component"] != "apiserver"
}

// declared is the protocol that istiod takes a port for, by its appProtocol or
// its name.
func declared(p corev1.ServicePort) protocol.Instance {
	layer := p.Protocol
	if layer == "" {
		layer = corev1.ProtocolTCP
	}
	return kube.ConvertProtocol(p.Port, p.Name, layer, p.AppProtocol)
}

// undeclared says whether istiod has to find the protocol of a port out from
// what is sent. The port for health checks of gateways is nobody's business.
func undeclared(p corev1.ServicePort) bool {
	return (p.Protocol == "" || p.Protocol == corev1.ProtocolTCP) && declared(p).IsUnsupported() && p.Port != 15021
}

// words are the parts of a name between hyphens, without numbers at their end.
func words(name string) []string {
	var out []string
	for word := range strings.SplitSeq(strings.ToLower(name), "-") {
		out = append(out, strings.TrimRight(word, "0123456789"))
	}
	return out
}
