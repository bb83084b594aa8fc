package schema

import (
	"reflect"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// kubeEnums lists the values of Kubernetes' named string types. The Go types
// carry no list, but the API server refuses every other value.
var kubeEnums = sync.OnceValue(func() map[reflect.Type][]string {
	return map[reflect.Type][]string{
		reflect.TypeFor[corev1.ServiceType]():                    {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"},
		reflect.TypeFor[corev1.ServiceExternalTrafficPolicy]():   {"Cluster", "Local"},
		reflect.TypeFor[corev1.ServiceInternalTrafficPolicy]():   {"Cluster", "Local"},
		reflect.TypeFor[corev1.ServiceAffinity]():                {"ClientIP", "None"},
		reflect.TypeFor[corev1.IPFamily]():                       {"IPv4", "IPv6"},
		reflect.TypeFor[corev1.IPFamilyPolicy]():                 {"SingleStack", "PreferDualStack", "RequireDualStack"},
		reflect.TypeFor[corev1.Protocol]():                       {"TCP", "UDP", "SCTP"},
		reflect.TypeFor[corev1.PullPolicy]():                     {"Always", "IfNotPresent", "Never"},
		reflect.TypeFor[corev1.DNSPolicy]():                      {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"},
		reflect.TypeFor[corev1.TaintEffect]():                    {"NoSchedule", "PreferNoSchedule", "NoExecute"},
		reflect.TypeFor[corev1.TolerationOperator]():             {"Exists", "Equal", "Lt", "Gt"},
		reflect.TypeFor[corev1.NodeSelectorOperator]():           {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"},
		reflect.TypeFor[metav1.LabelSelectorOperator]():          {"In", "NotIn", "Exists", "DoesNotExist"},
		reflect.TypeFor[corev1.UnsatisfiableConstraintAction]():  {"DoNotSchedule", "ScheduleAnyway"},
		reflect.TypeFor[corev1.NodeInclusionPolicy]():            {"Honor", "Ignore"},
		reflect.TypeFor[corev1.URIScheme]():                      {"HTTP", "HTTPS"},
		reflect.TypeFor[corev1.SeccompProfileType]():             {"RuntimeDefault", "Unconfined", "Localhost"},
		reflect.TypeFor[corev1.AppArmorProfileType]():            {"RuntimeDefault", "Unconfined", "Localhost"},
		reflect.TypeFor[corev1.MountPropagationMode]():           {"None", "HostToContainer", "Bidirectional"},
		reflect.TypeFor[corev1.HostPathType]():                   {"DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"},
		reflect.TypeFor[corev1.TerminationMessagePolicy]():       {"File", "FallbackToLogsOnError"},
		reflect.TypeFor[corev1.PodFSGroupChangePolicy]():         {"OnRootMismatch", "Always"},
		reflect.TypeFor[appsv1.DeploymentStrategyType]():         {"RollingUpdate", "Recreate"},
		reflect.TypeFor[appsv1.DaemonSetUpdateStrategyType]():    {"RollingUpdate", "OnDelete"},
		reflect.TypeFor[autoscaling.MetricSourceType]():          {"Object", "Pods", "Resource", "External", "ContainerResource"},
		reflect.TypeFor[autoscaling.MetricTargetType]():          {"Utilization", "Value", "AverageValue"},
		reflect.TypeFor[autoscaling.ScalingPolicySelect]():       {"Max", "Min", "Disabled"},
		reflect.TypeFor[autoscaling.HPAScalingPolicyType]():      {"Pods", "Percent"},
		reflect.TypeFor[policy.UnhealthyPodEvictionPolicyType](): {"IfHealthyBudget", "AlwaysAllow"},
	}
})

func enumOf[T any]() []string { return kubeEnums()[reflect.TypeFor[T]()] }
