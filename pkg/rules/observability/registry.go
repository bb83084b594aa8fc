package observability

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/rule"
)

// registry are the hosts that istiod knows: services of the cluster, and those
// of ServiceEntries.
type registry struct {
	services map[string]*corev1.Service // by NAME.NAMESPACE
	entries  map[string][]entry         // by host
	spaces   map[string]bool            // namespaces that have a service
}

// entry is one ServiceEntry of a host.
type entry struct {
	namespace string
	ports     []int64
}

func newRegistry(p *rule.Pass) *registry {
	r := &registry{map[string]*corev1.Service{}, map[string][]entry{}, map[string]bool{}}
	for _, s := range p.Services {
		r.services[s.Name+"."+s.Namespace] = s
		r.spaces[s.Namespace] = true
	}
	for _, o := range p.ServiceEntries {
		e := entry{namespace: o.Namespace}
		for _, port := range o.Spec.GetPorts() {
			e.ports = append(e.ports, int64(port.GetNumber()))
		}
		for _, host := range o.Spec.GetHosts() {
			r.entries[host] = append(r.entries[host], e)
		}
	}
	return r
}

// missing says why istiod does not find [NAMESPACE/]HOST and a port; "" where
// it does.
func (r *registry) missing(host string, port int) string {
	namespace, name, split := strings.Cut(host, "/")
	if !split {
		namespace, name = "", host
	}
	if entries := r.in(namespace, name); len(entries) > 0 {
		if slices.ContainsFunc(entries, func(e entry) bool { return slices.Contains(e.ports, int64(port)) }) {
			return ""
		}
		return fmt.Sprintf("calls port %d of %s, which its ServiceEntry does not have", port, name)
	}
	short, isService := clusterName(name)
	if !isService {
		return fmt.Sprintf("calls %s, which is neither NAME.NAMESPACE.svc with the cluster's domain nor the host of a ServiceEntry", name)
	}
	s := r.services[short]
	switch {
	case s == nil || namespace != "" && s.Namespace != namespace:
		return fmt.Sprintf("calls %s, and there is no such service%s", name, among(namespace))
	case !slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == port }):
		return fmt.Sprintf("calls port %d of %s, which has %s", port, name, portsOf(s))
	}
	return ""
}

// unresolved says why DNS inside of a pod does not lead to a service; "" where
// it does, and for hosts outside of the cluster.
func (r *registry) unresolved(host string, port int) string {
	parts := strings.Split(host, ".")
	if len(parts) < 2 || len(parts) > 2 && parts[2] != "svc" || !r.spaces[parts[1]] {
		return ""
	}
	s := r.services[parts[0]+"."+parts[1]]
	switch {
	case s == nil:
		return fmt.Sprintf("has the address %s, and there is no such service", host)
	case !slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == port }):
		return fmt.Sprintf("has port %d of %s as its address, which has %s", port, host, portsOf(s))
	}
	return ""
}

func among(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in namespace " + namespace
}

func (r *registry) in(namespace, host string) []entry {
	return slices.DeleteFunc(slices.Clone(r.entries[host]), func(e entry) bool { return namespace != "" && e.namespace != namespace })
}

// clusterName is NAME.NAMESPACE of NAME.NAMESPACE.svc.DOMAIN. istiod looks hosts
// up as a whole, so a name without the domain is not found.
func clusterName(host string) (string, bool) {
	parts := strings.Split(host, ".")
	if len(parts) < 4 || parts[2] != "svc" {
		return "", false
	}
	return parts[0] + "." + parts[1], true
}

func portsOf(s *corev1.Service) string {
	var out []string
	for _, p := range s.Spec.Ports {
		out = append(out, fmt.Sprint(p.Port))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}
