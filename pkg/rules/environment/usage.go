package environment

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// usage is how much something takes of what a quota counts, under the names
// that quotas have for it.
type usage map[corev1.ResourceName]resource.Quantity

// add adds n times another usage.
func (u usage) add(other usage, n int64) {
	for name, q := range other {
		q = q.DeepCopy()
		q.Mul(n)
		sum := u[name]
		sum.Add(q)
		u[name] = sum
	}
}

func one() resource.Quantity { return *resource.NewQuantity(1, resource.DecimalSI) }

// podUsage is what one pod takes, as Kubernetes' quota controller counts it.
func podUsage(pod *corev1.Pod) usage {
	u := usage{corev1.ResourcePods: one(), "count/pods": one()}
	for name, q := range requests(pod) {
		u["requests."+name] = q
		if name == corev1.ResourceCPU || name == corev1.ResourceMemory || name == corev1.ResourceEphemeralStorage || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
			u[name] = q
		}
	}
	for name, q := range limits(pod) {
		u["limits."+name] = q
	}
	return u
}

// unsaid are the containers that do not say how much they take of something
// that a quota counts.
func unsaid(pod *corev1.Pod, name corev1.ResourceName) []string {
	var out []string
	limit, isLimit := strings.CutPrefix(string(name), "limits.")
	base := corev1.ResourceName(strings.TrimPrefix(limit, "requests."))
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, c := range list {
			set := c.Resources.Requests
			if isLimit {
				set = c.Resources.Limits
			}
			if _, ok := set[base]; !ok {
				out = append(out, c.Name)
			}
		}
	}
	return out
}

// objectUsage is what an object that is no pod takes.
func objectUsage(o *unstructured.Unstructured) usage {
	plural, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
	u := usage{corev1.ResourceName("count/" + plural.GroupResource().String()): one()}
	if plural.Group != "" {
		return u
	}
	switch name := corev1.ResourceName(plural.Resource); name {
	case corev1.ResourceConfigMaps, corev1.ResourceSecrets, corev1.ResourcePersistentVolumeClaims, corev1.ResourceQuotas, corev1.ResourceReplicationControllers:
		u[name] = one()
	case corev1.ResourceServices:
		u[name] = one()
		u.add(serviceUsage(decodeService(o)), 1)
	}
	return u
}

// decodeService is a rendered Service; one that cannot be decoded is empty.
func decodeService(o *unstructured.Unstructured) *corev1.Service {
	s := &corev1.Service{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, s) != nil {
		return &corev1.Service{}
	}
	return s
}

// serviceUsage is what a Service takes by its type.
func serviceUsage(s *corev1.Service) usage {
	ports := int64(len(s.Spec.Ports))
	switch s.Spec.Type {
	case corev1.ServiceTypeNodePort:
	case corev1.ServiceTypeLoadBalancer:
		if allocate := s.Spec.AllocateLoadBalancerNodePorts; allocate != nil && !*allocate {
			ports = 0
			for _, port := range s.Spec.Ports {
				if port.NodePort != 0 {
					ports++
				}
			}
		}
	default:
		return nil
	}
	u := usage{corev1.ResourceServicesNodePorts: *resource.NewQuantity(ports, resource.DecimalSI)}
	if s.Spec.Type == corev1.ServiceTypeLoadBalancer {
		u[corev1.ResourceServicesLoadBalancers] = one()
	}
	return u
}
