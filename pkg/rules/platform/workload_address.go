package platform

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// workloadAddress goes by istioctl's source: it writes the address of the
// east-west gateway into a machine's hosts file, and reads addresses only.
func workloadAddress() *rule.Rule {
	return &rule.Rule{
		ID: "VM001", Name: "vm-needs-address", Category: "Virtual machines", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Services, snapshot.WorkloadGroups},
		Summary: "The east-west gateway has a host name only, and virtual machines shall join through it.",
		Why:     "istioctl finds no address for the machines' hosts file, so they do not find istiod.",
		Fix:     "Look the host name up and pass an address: istioctl x workload entry configure --ingressIP ADDRESS.",
		Hints:   []string{"P4"},
		Run: func(p *rule.Pass) {
			p.Lookedf("%d workload groups", len(p.WorkloadGroups))
			if len(p.WorkloadGroups) == 0 {
				return
			}
			for _, s := range p.Services {
				if name := onlyName(s); eastWest(s) && name != "" {
					p.Reportf(snapshot.Place(s, "status.loadBalancer"), "has only the host name %s, and %d WorkloadGroups are there: give `istioctl x workload entry configure` an address of it with --ingressIP", name, len(p.WorkloadGroups))
				}
			}
		},
	}
}

// eastWest says whether a Service is that of a gateway for other networks and
// machines: by the names of Istio's samples and of the Gateway API's class.
func eastWest(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeLoadBalancer &&
		(strings.Contains(s.Name, "eastwest") || s.Spec.Selector["istio"] == "eastwestgateway" || s.Labels["topology.istio.io/network"] != "" ||
			s.Labels["gateway.networking.k8s.io/gateway-class-name"] == "istio-east-west")
}
