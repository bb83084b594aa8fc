package schema

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// refineSpec adds what istioctl does not check although the API server will.
func refineSpec(spec *node) {
	components, ok := spec.child("components")
	if !ok {
		return
	}
	for _, c := range components.fields {
		if c.shape == list {
			c = c.elem
		}
		refine(c, "", map[string]refinement{
			"k8s.imagePullPolicy": values(enumOf[corev1.PullPolicy]()),
		})
	}
}

// selectorPath is where an IstioOperator has the waypoints' node selector.
const selectorPath = "global.waypoint.nodeSelector"

// refusedSelector reports waypoint node selectors in an IstioOperator. The
// chart wants labels, as the values of a pod's nodeSelector are; istioctl
// takes nothing but the node selector of an affinity, which makes a pod that
// the API server refuses.
func (c *checker) refusedSelector(f *document.Value) bool {
	if f.Path() != belowValues+selectorPath || c.istio.Before(kubeStrict) || len(f.Fields()) == 0 {
		return false
	}
	c.add(HelmOnly, f, facts.Values, "%s cannot be set in an IstioOperator: istioctl refuses the labels that the chart needs; set spec.unvalidatedValues.global.waypoint.nodeSelector", f.Path())
	return true
}
