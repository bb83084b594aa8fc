package rendered

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func serviceType() *rule.Rule {
	return &rule.Rule{
		ID: "MAN013", Name: "service-type", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered Service has a field that the API server takes for Services of another type only.",
		Why:     "The API server refuses the Service, so the gateway has no address.",
		Fix:     "Remove the field, or use the type LoadBalancer, or NodePort for externalTrafficPolicy.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, single(typeFields)) },
	}
}

// typeFields follows the API server's validation of new Services.
func typeFields(o *unstructured.Unstructured) []problem {
	s, ok := service(o)
	if !ok {
		return nil
	}
	var out []problem
	bad := func(set bool, field, text, types string) {
		if set {
			out = append(out, problem{path: "spec." + field, text: text, severity: finding.Error,
				message: fmt.Sprintf("%s may be set only for Services of type %s, this one is of type %s", field, types, kind(s))})
		}
	}
	balancer := s.Spec.Type == corev1.ServiceTypeLoadBalancer
	policy := s.Spec.ExternalTrafficPolicy
	outside := balancer || s.Spec.Type == corev1.ServiceTypeNodePort || kind(s) == corev1.ServiceTypeClusterIP && len(s.Spec.ExternalIPs) > 0
	bad(policy != "" && !outside, "externalTrafficPolicy", string(policy), "LoadBalancer or NodePort")
	bad(len(s.Spec.LoadBalancerSourceRanges) > 0 && !balancer, "loadBalancerSourceRanges", "", "LoadBalancer")
	bad(s.Spec.LoadBalancerClass != nil && !balancer, "loadBalancerClass", "", "LoadBalancer")
	bad(s.Spec.AllocateLoadBalancerNodePorts != nil && !balancer, "allocateLoadBalancerNodePorts", "", "LoadBalancer")
	if outside && policy != "" && policy != corev1.ServiceExternalTrafficPolicyCluster && policy != corev1.ServiceExternalTrafficPolicyLocal {
		out = append(out, problem{path: "spec.externalTrafficPolicy", text: string(policy), severity: finding.Error,
			message: fmt.Sprintf("externalTrafficPolicy must be Cluster or Local, is %q", policy)})
	}
	return out
}

// kind is a Service's type; one without is only for the inside.
func kind(s corev1.Service) corev1.ServiceType {
	if s.Spec.Type == "" {
		return corev1.ServiceTypeClusterIP
	}
	return s.Spec.Type
}
