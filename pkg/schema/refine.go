package schema

import (
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	meshconfig "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/facts"
)

// refinement says more about a value than the charts' defaults do.
type refinement func(*node)

// verbatim is for a value that a template copies into an object as it is: the
// API server, and Helm before it, refuse what does not fit the type.
func verbatim[T any]() refinement {
	return func(n *node) { n.become(goType(reflect.TypeFor[T]())); n.refused = true }
}

// injected is for a value that ends in the templates of the injector, where
// only a pod in the cluster would show that it does not fit.
func injected[T any]() refinement {
	return func(n *node) { n.become(goType(reflect.TypeFor[T]())) }
}

// become takes the shape of another node and keeps what the table knows.
func (n *node) become(other *node) {
	n.shape, n.fields, n.elem, n.enum, n.form = other.shape, other.fields, other.elem, other.enum, other.form
	n.goType, n.message = other.goType, other.message
	n.aliases, n.strict, n.sealed, n.lenient, n.empty = other.aliases, other.strict, true, other.lenient, other.empty
	n.since = facts.Minor{}
}

func values(enum []string) refinement {
	return func(n *node) { n.become(&node{shape: text, enum: append([]string{""}, enum...)}) }
}

func formed(f *form) refinement {
	return func(n *node) { n.become(&node{shape: formal, form: f}) }
}

// names is for a list of names, of which templates make objects.
func names() refinement {
	return func(n *node) { n.become(&node{shape: list, elem: &node{shape: text, lenient: true}}) }
}

// scalars is for a map whose values are printed between quotes.
func scalars() refinement {
	return func(n *node) { n.become(&node{shape: dict, elem: &node{shape: text, lenient: true}}) }
}

func whole() refinement {
	return func(n *node) { n.become(&node{shape: integer, lenient: true}) }
}

func yesNo() refinement { return func(n *node) { n.become(&node{shape: boolean}) } }

func networks() refinement {
	return func(n *node) {
		network := message((&meshconfig.Network{}).ProtoReflect().Descriptor(), nil)
		n.become(&node{shape: dict, elem: network})
	}
}

type texts = map[string]string

// podRefinements are for the settings that all charts hand on to a pod.
func podRefinements() map[string]refinement {
	return map[string]refinement{
		"affinity":                  verbatim[corev1.Affinity](),
		"tolerations":               verbatim[[]corev1.Toleration](),
		"topologySpreadConstraints": verbatim[[]corev1.TopologySpreadConstraint](),
		"nodeSelector":              verbatim[texts](),
		"podAnnotations":            verbatim[texts](),
		"resources":                 verbatim[corev1.ResourceRequirements](),
		"volumes":                   verbatim[[]corev1.Volume](),
		"volumeMounts":              verbatim[[]corev1.VolumeMount](),
		"seLinuxOptions":            verbatim[corev1.SELinuxOptions](),
		"seccompProfile":            verbatim[corev1.SeccompProfile](),
		"dnsConfig":                 verbatim[corev1.PodDNSConfig](),
		"dnsPolicy":                 values(enumOf[corev1.DNSPolicy]()),
		"env":                       scalars(),
		"initContainers":            verbatim[[]corev1.Container](),
		"envVarFrom":                verbatim[[]corev1.EnvVar](),
		"imagePullPolicy":           values(enumOf[corev1.PullPolicy]()),
		"pullPolicy":                values(enumOf[corev1.PullPolicy]()),
		"ipFamilyPolicy":            values(enumOf[corev1.IPFamilyPolicy]()),
		"ipFamilies":                verbatim[[]corev1.IPFamily](),
		"updateStrategy":            verbatim[appsv1.DaemonSetUpdateStrategy](),
		"logging.level":             formed(scopes(logLevels(), true)),
	}
}

func istiodRefinements() map[string]refinement {
	return map[string]refinement{
		"autoscaleBehavior":                 verbatim[autoscaling.HorizontalPodAutoscalerBehavior](),
		"deploymentAnnotations":             verbatim[texts](),
		"serviceAnnotations":                verbatim[texts](),
		"serviceAccountAnnotations":         verbatim[texts](),
		"sidecarInjectorWebhookAnnotations": verbatim[texts](),
		"extraContainerArgs":                verbatim[[]string](),
		"rollingMaxSurge":                   formed(share()),
		"rollingMaxUnavailable":             formed(share()),
		"pdb.minAvailable":                  formed(share()),
		"pdb.maxUnavailable":                formed(share()),
		"pdb.unhealthyPodEvictionPolicy":    values(enumOf[policy.UnhealthyPodEvictionPolicyType]()),
		"terminationMessagePolicy":          values(enumOf[corev1.TerminationMessagePolicy]()),
		"trafficDistribution":               values([]string{"PreferClose", "PreferSameZone", "PreferSameNode"}),
		"memory.targetAverageUtilization":   whole(),
	}
}

// sharedRefinements are for values that several charts and spec.values have
// under the same path.
func sharedRefinements() map[string]refinement {
	return map[string]refinement{
		"base.validationFailurePolicy":                 values([]string{"Fail", "Ignore"}),
		"gateways.securityContext":                     injected[corev1.PodSecurityContext](),
		"gateways.seccompProfile":                      injected[corev1.SeccompProfile](),
		"global.enableReaderRBAC":                      yesNo(),
		"global.imagePullPolicy":                       values(enumOf[corev1.PullPolicy]()),
		"global.imagePullSecrets":                      names(),
		"global.logging.level":                         formed(scopes(logLevels(), true)),
		"global.meshNetworks":                          networks(),
		"global.pilotCertProvider":                     formed(certProvider()),
		"global.proxy.autoInject":                      values([]string{"enabled", "disabled"}),
		"global.proxy.capNetBindService":               yesNo(),
		"global.proxy.componentLogLevel":               formed(scopes(envoyLevels(), false)),
		"global.proxy.holdApplicationUntilProxyStarts": yesNo(),
		"global.proxy.lifecycle":                       injected[corev1.Lifecycle](),
		"global.proxy.logLevel":                        formed(scopes(envoyLevels(), true)),
		"global.proxy.resources":                       injected[corev1.ResourceRequirements](),
		"global.proxy.seccompProfile":                  injected[corev1.SeccompProfile](),
		"global.proxy.tracer":                          values([]string{"zipkin", "lightstep", "datadog", "stackdriver", "openCensusAgent", "none"}),
		"global.resourceScope":                         values([]string{"all", "cluster", "namespace"}),
		"global.waypoint.affinity":                     injected[corev1.Affinity](),
		"global.waypoint.nodeSelector":                 injected[texts](),
		"global.waypoint.resources":                    injected[corev1.ResourceRequirements](),
		"global.waypoint.tolerations":                  injected[[]corev1.Toleration](),
		"global.waypoint.topologySpreadConstraints":    injected[[]corev1.TopologySpreadConstraint](),
		"sidecarInjectorWebhook.alwaysInjectSelector":  injected[[]metav1.LabelSelector](),
		"sidecarInjectorWebhook.neverInjectSelector":   injected[[]metav1.LabelSelector](),
		"sidecarInjectorWebhook.reinvocationPolicy":    values([]string{"Never", "IfNeeded"}),
	}
}

// refine applies refinements below a prefix, to the fields that exist.
func refine(root *node, prefix string, all map[string]refinement) {
	for path, r := range all {
		n := root
		for name := range strings.SplitSeq(prefix+path, ".") {
			if n, _ = n.child(name); n == nil {
				break
			}
		}
		if n != nil {
			r(n)
		}
	}
}
