package mesh

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const (
	// TemplatesAnnotation names what is injected in a sidecar's place.
	TemplatesAnnotation = "inject.istio.io/templates"
	// ManagedLabel is on what istiod makes for a Gateway of the Gateway API.
	ManagedLabel = "gateway.istio.io/managed"
	statusKey    = "sidecar.istio.io/status"
	proxyName    = "istio-proxy"
)

// IsGateway says whether the pods of a workload are a proxy and nothing else: a
// gateway or a waypoint.
func (w *Workload) IsGateway() bool {
	if w.Labels[ManagedLabel] != "" || w.Labels["gateway.networking.k8s.io/gateway-name"] != "" {
		return true
	}
	if templates := w.Annotations[TemplatesAnnotation]; templates != "" {
		for template := range strings.SplitSeq(templates, ",") {
			if slices.Contains([]string{"gateway", "kube-gateway", "waypoint"}, strings.TrimSpace(template)) {
				return true
			}
		}
	}
	for i := range w.Spec.Containers {
		if w.Spec.Containers[i].Name != proxyName {
			return false
		}
	}
	return len(w.Spec.Containers) > 0
}

// OfIstio says whether a workload is a part of Istio: istiod, a gateway of its
// charts, the CNI agent or ztunnel.
func (w *Workload) OfIstio() bool {
	return partOfIstio(w.Labels) || w.Path != "" && partOfIstio(w.Object.GetLabels())
}

func partOfIstio(labels map[string]string) bool {
	return labels["operator.istio.io/component"] != "" || labels["app.kubernetes.io/part-of"] == "istio" || labels["istio"] == "pilot" ||
		labels["app"] == "istiod" || labels["k8s-app"] == "istio-cni-node" || labels["app"] == "ztunnel"
}

// Injected says whether the injector has been at the workload's pods, so that
// some of what they say is the injector's.
func (w *Workload) Injected() bool {
	return w.Annotations[statusKey] != "" || slices.ContainsFunc(w.Spec.InitContainers, func(c corev1.Container) bool {
		return c.Name == "istio-init" || c.Name == "istio-validation"
	})
}

// Container is a container of a workload with its path in the pod.
type Container struct {
	*corev1.Container
	Path string
	// Init says that it runs to its end before the others start.
	Init bool
}

// AppContainers are the containers of a workload that are not Istio's.
func (w *Workload) AppContainers() []Container {
	out := make([]Container, 0, len(w.Spec.InitContainers)+len(w.Spec.Containers))
	for i := range w.Spec.InitContainers {
		c := &w.Spec.InitContainers[i]
		stays := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		if !injected(c.Name) {
			out = append(out, Container{c, initPath(i), !stays})
		}
	}
	for i := range w.Spec.Containers {
		if c := &w.Spec.Containers[i]; !injected(c.Name) {
			out = append(out, Container{c, appPath(i), false})
		}
	}
	return out
}

// appPath and initPath are the paths of containers; most pods have one.
func appPath(i int) string {
	if i == 0 {
		return "spec.containers[0]"
	}
	return "spec.containers[" + strconv.Itoa(i) + "]"
}

func initPath(i int) string {
	if i == 0 {
		return "spec.initContainers[0]"
	}
	return "spec.initContainers[" + strconv.Itoa(i) + "]"
}

// injected are the names of containers that the injector adds.
func injected(name string) bool {
	switch name {
	case proxyName, "istio-init", "istio-validation", "enable-core-dump":
		return true
	}
	return false
}
