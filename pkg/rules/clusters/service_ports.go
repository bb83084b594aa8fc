package clusters

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func servicePorts() *rule.Rule {
	return about(rule.Rule{
		ID: "MC001", Name: "different-service-ports", Severity: finding.Warning,
		Summary:     "A Service has other ports in one cluster of a mesh than in another.",
		Why:         "istiod joins the endpoints of all clusters by the name of the port, so those of a port that is named or missing differently are left out, and traffic does not fail over to them.",
		Fix:         "Give the Service the same port names, numbers and protocols in every cluster.",
		Equivalents: []string{"IST0170"},
	}, func(p *rule.Pass, g *group) {
		g.shared(func(first, other *member, a, b *corev1.Service) {
			if kindOf(a) != kindOf(b) {
				return // MC002 speaks of it
			}
			if path, what := portsDiffer(b, a, first.name); what != "" {
				p.Reportf(other.at(b, path), "%s: make the ports the same", what)
			}
		})
	}, snapshot.Services)
}

// portsDiffer says what the ports of a Service have that those of the same one
// in another cluster have not. To which ports of pods they lead is each
// cluster's own affair.
func portsDiffer(s, than *corev1.Service, where string) (path, what string) {
	byName, byNumber := map[string]corev1.ServicePort{}, map[int32]corev1.ServicePort{}
	for _, o := range than.Spec.Ports {
		byName[o.Name], byNumber[o.Port] = o, o
	}
	here := map[string]bool{}
	for i, o := range s.Spec.Ports {
		here[o.Name] = true
		path := fmt.Sprintf("spec.ports[%d]", i)
		there, ok := byName[o.Name]
		switch {
		case ok && there.Port != o.Port:
			return path + ".port", fmt.Sprintf("%s is %d here and %d in %s, and clients of one cluster get no answer at the number of the other", called(o), o.Port, there.Port, where)
		case ok && transport(there) != transport(o):
			return path + ".protocol", fmt.Sprintf("%s is %s here and %s in %s, so neither cluster reaches the other's endpoints", called(o), transport(o), transport(there), where)
		case ok && application(there) != application(o):
			return path + ".appProtocol", fmt.Sprintf("%s has appProtocol %q here and %q in %s, so proxies of the two clusters treat it differently", called(o), application(o), application(there), where)
		case ok:
		case byNumber[o.Port].Port != 0:
			return path + ".name", fmt.Sprintf("port %d is named %q here and %q in %s, so proxies of neither cluster use the other's endpoints for it", o.Port, o.Name, byNumber[o.Port].Name, where)
		default:
			return path, fmt.Sprintf("%s (%d) is not in %s, whose endpoints are left out for it", called(o), o.Port, where)
		}
	}
	for _, o := range than.Spec.Ports {
		if !here[o.Name] {
			return "spec.ports", fmt.Sprintf("%s (%d) is in %s and not here, so endpoints here are left out for it", called(o), o.Port, where)
		}
	}
	return "", ""
}

func called(o corev1.ServicePort) string {
	if o.Name == "" {
		return "the port"
	}
	return "port " + o.Name
}

func transport(o corev1.ServicePort) corev1.Protocol {
	return cmp.Or(o.Protocol, corev1.ProtocolTCP)
}

func application(o corev1.ServicePort) string {
	if o.AppProtocol == nil {
		return ""
	}
	return *o.AppProtocol
}
