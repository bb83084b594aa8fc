package clusters

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// shared visits the Services that several clusters of a mesh have, in the order
// of the second one: with the first cluster's, each of the others'.
func (g *group) shared(visit func(first, other *member, a, b *corev1.Service)) {
	type owned struct {
		*member
		service *corev1.Service
	}
	first := map[string]owned{}
	for _, m := range g.members {
		local := m.local()
		for _, s := range m.Services {
			key := s.Namespace + "/" + s.Name
			if !m.offers(s) || local(s) {
				continue
			}
			if have, ok := first[key]; !ok {
				first[key] = owned{m, s}
			} else if !have.ambientOnly(have.service) || !m.ambientOnly(s) {
				visit(have.member, m, have.service, s)
			}
		}
	}
}

// offers says whether a Service is one that the clusters of a mesh share by its
// name. Gateways have the same names and are each cluster's own.
func (m *member) offers(s *corev1.Service) bool {
	gateway := s.Labels[networkLabel] != "" || s.Labels["gateway.networking.k8s.io/gateway-name"] != "" || s.Labels["istio.io/gateway-name"] != "" || s.Spec.Selector["istio"] != ""
	apiServer := s.Namespace == "default" && s.Name == "kubernetes"
	hidden := s.Annotations["networking.istio.io/exportTo"] == "~"
	return s.Namespace != m.Root && s.Namespace != "kube-system" && !gateway && !apiServer && !hidden && m.discovers(s.Namespace)
}

// discovers says whether istiod looks at a namespace.
func (m *member) discovers(namespace string) bool {
	selectors := m.Config.GetDiscoverySelectors()
	if len(selectors) == 0 || m.Space(namespace) == nil {
		return true
	}
	for _, s := range selectors {
		want := &metav1.LabelSelector{MatchLabels: s.GetMatchLabels()}
		for _, e := range s.GetMatchExpressions() {
			want.MatchExpressions = append(want.MatchExpressions, metav1.LabelSelectorRequirement{Key: e.GetKey(), Operator: metav1.LabelSelectorOperator(e.GetOperator()), Values: e.GetValues()})
		}
		if chosen, err := metav1.LabelSelectorAsSelector(want); err == nil && chosen.Matches(labels.Set(m.Space(namespace).Labels)) {
			return true
		}
	}
	return false
}

// ambientOnly says whether a Service is shared by nobody: in ambient mode one
// has to be made global for that.
func (m *member) ambientOnly(s *corev1.Service) bool {
	ns := m.Space(s.Namespace)
	return ns != nil && ns.Labels["istio.io/dataplane-mode"] == "ambient" && s.Labels["istio.io/global"] != "true"
}

// local says which Services the mesh config keeps to their cluster; of several
// settings the most specific one counts.
func (m *member) local() func(*corev1.Service) bool {
	hosts := map[string]bool{}
	for _, s := range m.Config.GetServiceSettings() {
		for _, h := range s.GetHosts() {
			hosts[h] = s.GetSettings().GetClusterLocal()
		}
	}
	return func(s *corev1.Service) bool {
		if len(hosts) == 0 {
			return false
		}
		name := m.FQDN(s.Name, s.Namespace)
		if own, ok := hosts[name]; ok {
			return own
		}
		for rest := name; ; {
			if _, after, found := strings.Cut(rest, "."); found {
				rest = after
			} else {
				return hosts["*"]
			}
			if own, ok := hosts["*."+rest]; ok {
				return own
			}
		}
	}
}
