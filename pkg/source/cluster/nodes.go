package cluster

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
)

func nodeFacts(o *unstructured.Unstructured) facts.NodeFacts {
	field := func(path ...string) string {
		text, _, _ := unstructured.NestedString(o.Object, path...)
		return text
	}
	return facts.NodeFacts{
		Name:           o.GetName(),
		ProviderID:     field("spec", "providerID"),
		OSImage:        field("status", "nodeInfo", "osImage"),
		KubeletVersion: field("status", "nodeInfo", "kubeletVersion"),
		Labels:         o.GetLabels(),
		Annotations:    o.GetAnnotations(),
	}
}
