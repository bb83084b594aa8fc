package cluster

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
)

func nodeFacts(n *corev1.Node) facts.NodeFacts {
	return facts.NodeFacts{
		Name:           n.Name,
		ProviderID:     n.Spec.ProviderID,
		OSImage:        n.Status.NodeInfo.OSImage,
		KubeletVersion: n.Status.NodeInfo.KubeletVersion,
		Labels:         n.Labels,
		Annotations:    n.Annotations,
	}
}
