package schema

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"

	"github.com/meshctl/meshctl/pkg/facts"
)

func gatewayRefinements() map[string]refinement {
	return map[string]refinement{
		"additionalContainers":                          verbatim[[]corev1.Container](),
		"annotations":                                   verbatim[texts](),
		"autoscaling.autoscaleBehavior":                 verbatim[autoscaling.HorizontalPodAutoscalerBehavior](),
		"autoscaling.targetMemoryUtilizationPercentage": wholeOrEmpty(),
		"containerSecurityContext":                      verbatim[corev1.SecurityContext](),
		"imagePullSecrets":                              verbatim[[]corev1.LocalObjectReference](),
		"lifecycle":                                     verbatim[corev1.Lifecycle](),
		"podDisruptionBudget":                           verbatim[policy.PodDisruptionBudgetSpec](),
		"readinessProbe":                                verbatim[corev1.Probe](),
		"securityContext":                               verbatim[corev1.PodSecurityContext](),
		"service.annotations":                           verbatim[texts](),
		"service.externalIPs":                           names(),
		"service.externalTrafficPolicy":                 values(enumOf[corev1.ServiceExternalTrafficPolicy]()),
		"service.internalTrafficPolicy":                 values(enumOf[corev1.ServiceInternalTrafficPolicy]()),
		"service.ipFamilies":                            verbatim[[]corev1.IPFamily](),
		"service.ipFamilyPolicy":                        values(enumOf[corev1.IPFamilyPolicy]()),
		"service.loadBalancerSourceRanges":              verbatim[[]string](),
		"service.ports":                                 verbatim[[]corev1.ServicePort](),
		"service.selectorLabels":                        verbatim[texts](),
		"service.type":                                  values(slices.Concat(enumOf[corev1.ServiceType](), []string{"None"})),
		"serviceAccount.annotations":                    verbatim[texts](),
		"strategy":                                      verbatim[appsv1.DeploymentStrategy](),
	}
}

func cniRefinements() map[string]refinement {
	return map[string]refinement{
		"podLabels":         verbatim[texts](),
		"daemonSetLabels":   verbatim[texts](),
		"excludeNamespaces": names(),
		"provider":          values([]string{"default", "multus"}),
	}
}

func ztunnelRefinements() map[string]refinement {
	return map[string]refinement{
		"annotations":      verbatim[texts](),
		"imagePullSecrets": names(),
		"labels":           verbatim[texts](),
		"podLabels":        verbatim[texts](),
		"resourceScope":    values([]string{"all", "cluster", "namespace"}),
	}
}

// wholeOrEmpty is for a number whose default in the chart is an empty map,
// which templates take for nothing.
func wholeOrEmpty() refinement {
	return func(n *node) { n.become(&node{shape: integer, lenient: true, empty: true}) }
}

func amounts() refinement {
	return func(n *node) { n.become(&node{shape: dict, elem: &node{shape: text, form: amount()}}) }
}

// refineChart adds to a chart's tree what its templates do with the values.
func refineChart(n *node, s facts.Surface) {
	refine(n, "", sharedRefinements())
	own := map[facts.Surface]map[string]refinement{
		facts.Chart("istiod"): istiodRefinements(), facts.Chart("cni"): cniRefinements(),
		facts.Chart("ztunnel"): ztunnelRefinements(), facts.Chart("gateway"): gatewayRefinements(),
	}[s]
	for _, prefix := range prefixes(s) {
		refine(n, prefix, podRefinements())
		refine(n, prefix, own)
	}
}

// prefixes are the keys below which a chart takes its values.
func prefixes(s facts.Surface) []string {
	switch s {
	case facts.Chart("istiod"):
		return []string{"", "pilot."}
	case facts.Chart("cni"):
		return []string{"", "cni."}
	}
	return []string{""}
}

// refineValues does the same for spec.values, where istioctl has decoded most
// types before; what it leaves open is judged as the charts use it.
func refineValues(n *node) {
	keep := sharedRefinements()
	for path := range kubeValues() {
		delete(keep, path)
	}
	for _, typed := range []string{"global.imagePullSecrets", "global.proxy.resources", "global.waypoint.resources"} {
		delete(keep, typed)
	}
	refine(n, "", keep)
	for _, path := range []string{"pilot.", "cni.", "global.proxy.", "global.waypoint."} {
		refine(n, path+"resources.", map[string]refinement{"limits": amounts(), "requests": amounts()})
	}
	for prefix, own := range map[string]map[string]refinement{"pilot.": istiodRefinements(), "cni.": cniRefinements(), "ztunnel.": ztunnelRefinements()} {
		for path, r := range podRefinements() {
			if _, decoded := kubeValues()[prefix+path]; !decoded && path != "resources" {
				refine(n, prefix, map[string]refinement{path: r})
			}
		}
		refine(n, prefix, own)
	}
	for _, gateway := range []string{"gateways.istio-ingressgateway.", "gateways.istio-egressgateway."} {
		refine(n, gateway, map[string]refinement{
			"externalTrafficPolicy": values(enumOf[corev1.ServiceExternalTrafficPolicy]()),
			"podAnnotations":        verbatim[texts](),
			"nodeSelector":          verbatim[texts](),
			"type":                  values(enumOf[corev1.ServiceType]()),
		})
	}
}
