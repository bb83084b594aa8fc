package rendered

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// podTemplate returns the pods that a workload makes; false for other objects
// and for one that cannot be decoded, which is reported elsewhere.
func podTemplate(o *unstructured.Unstructured) (corev1.PodTemplateSpec, bool) {
	var out corev1.PodTemplateSpec
	switch o.GetKind() {
	case "Deployment", "DaemonSet", "StatefulSet":
	default:
		return out, false
	}
	template, found, _ := unstructured.NestedMap(o.Object, "spec", "template")
	return out, found && into(template, &out)
}

// into decodes a part of an object; false where that is not possible.
func into(tree map[string]any, typed any) bool {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(tree, typed) == nil
}

// container is one container of a pod template with its path.
type container struct {
	corev1.Container
	path string
}

func containers(t corev1.PodTemplateSpec) []container {
	var out []container
	for i, c := range t.Spec.InitContainers {
		out = append(out, container{c, fmt.Sprintf("spec.template.spec.initContainers[%d]", i)})
	}
	for i, c := range t.Spec.Containers {
		out = append(out, container{c, fmt.Sprintf("spec.template.spec.containers[%d]", i)})
	}
	return out
}
