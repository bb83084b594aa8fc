package others

import (
	"cmp"
	"fmt"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// backends are the services behind webhooks.
type backends struct {
	services map[snapshot.Key]*corev1.Service
	slices   map[snapshot.Key][]*discoveryv1.EndpointSlice
}

func backendsOf(p *rule.Pass) backends {
	b := backends{map[snapshot.Key]*corev1.Service{}, map[snapshot.Key][]*discoveryv1.EndpointSlice{}}
	for _, s := range p.Services {
		b.services[serviceKey(s.Namespace, s.Name)] = s
	}
	for _, s := range p.EndpointSlices {
		key := serviceKey(s.Namespace, s.Labels[discoveryv1.LabelServiceName])
		b.slices[key] = append(b.slices[key], s)
	}
	return b
}

func serviceKey(namespace, name string) snapshot.Key {
	return snapshot.Key{Kind: "Service", Namespace: namespace, Name: name}
}

// defaultHookPort is the port that the API server calls where none is named.
const defaultHookPort = 443

// fault says why the API server cannot reach the service of a webhook; "" if
// nothing speaks against it. Only a request would tell more.
func (b backends) fault(ref *admissionv1.ServiceReference) string {
	key, port := serviceKey(ref.Namespace, ref.Name), int32(defaultHookPort)
	if ref.Port != nil {
		port = *ref.Port
	}
	s := b.services[key]
	switch {
	case s == nil:
		return "does not exist"
	case s.Spec.Type == corev1.ServiceTypeExternalName:
		return ""
	}
	i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == port })
	switch {
	case i < 0:
		return fmt.Sprintf("has no port %d", port)
	case !slices.ContainsFunc(b.slices[key], func(e *discoveryv1.EndpointSlice) bool { return ready(e, s.Spec.Ports[i].Name) }):
		return "has no ready endpoint"
	}
	return ""
}

// ready says whether a slice has an endpoint for a port that takes traffic.
func ready(e *discoveryv1.EndpointSlice, port string) bool {
	return slices.ContainsFunc(e.Ports, func(p discoveryv1.EndpointPort) bool { return *cmp.Or(p.Name, new(string)) == port }) &&
		slices.ContainsFunc(e.Endpoints, func(p discoveryv1.Endpoint) bool {
			return p.Conditions.Ready == nil || *p.Conditions.Ready
		})
}
