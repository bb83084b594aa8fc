package snapshot

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Loss says what is lost with an object that is deleted and does not come back
// with one of the same name; "" for what nobody misses.
func Loss(o *unstructured.Unstructured) string {
	component, app := o.GetLabels()["operator.istio.io/component"], o.GetLabels()["app"]
	gateway := component == "IngressGateways" || component == "EgressGateways"
	switch o.GetKind() {
	case "Deployment":
		switch {
		case gateway:
			return "the traffic through this gateway ends"
		case app == "istiod":
			return "the proxies of this control plane get no more configuration and certificates"
		}
	case "DaemonSet":
		switch component {
		case "Ztunnel":
			return "pods of the ambient mesh lose their traffic"
		case "Cni":
			return "new pods of the mesh no longer get their traffic redirected"
		}
	case "Service":
		if address := addressOf(o); address != "" {
			return fmt.Sprintf("its address %s is given back, and another one comes with the next Service", address)
		}
		if gateway {
			return "clients no longer find this gateway"
		}
	case "PersistentVolumeClaim", "Secret":
		return "its content is lost"
	}
	return ""
}

// addressOf is what a load balancer gave a Service.
func addressOf(o *unstructured.Unstructured) string {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "loadBalancer", "ingress")
	for _, item := range list {
		m, _ := item.(map[string]any)
		for _, field := range []string{"ip", "hostname"} {
			if address, _ := m[field].(string); address != "" {
				return address
			}
		}
	}
	return ""
}
