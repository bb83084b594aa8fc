package clusters

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func serviceKind() *rule.Rule {
	return about(rule.Rule{
		ID: "MC002", Name: "different-service-kind", Severity: finding.Warning,
		Summary:     "A Service has an address in one cluster of a mesh, and none or another name's in another.",
		Why:         "Proxies take the kind of a Service from their own cluster: of a headless one they send to the address that the client looked up, and never to another cluster.",
		Fix:         "Make the Service headless in every cluster or in none.",
		Equivalents: []string{"IST0170"},
	}, func(p *rule.Pass, g *group) {
		g.shared(func(first, other *member, a, b *corev1.Service) {
			if here, there := kindOf(b), kindOf(a); here != there {
				path := "spec.clusterIP"
				if here == aliased || there == aliased {
					path = "spec.type"
				}
				p.Reportf(other.at(b, path), "the Service %s here and %s in %s, so clients of the two are served differently: make it the same in both", here, there, first.name)
			}
		})
	}, snapshot.Services)
}

// What a Service is to its clients; the type says only how others reach it.
const (
	headless = "is headless"
	aliased  = "stands for another name (ExternalName)"
	virtual  = "has an address of its own"
)

func kindOf(s *corev1.Service) string {
	switch {
	case s.Spec.Type == corev1.ServiceTypeExternalName:
		return aliased
	case s.Spec.ClusterIP == corev1.ClusterIPNone:
		return headless
	}
	return virtual
}
