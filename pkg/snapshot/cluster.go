package snapshot

import (
	extensions "istio.io/client-go/pkg/apis/extensions/v1alpha1"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingalpha "istio.io/client-go/pkg/apis/networking/v1alpha3"
	networkingbeta "istio.io/client-go/pkg/apis/networking/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	telemetry "istio.io/client-go/pkg/apis/telemetry/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// Object is what every Kubernetes object is, whatever its Go type.
type Object interface {
	metav1.Object
	runtime.Object
}

// Parts that are lists of objects. Managed fields are left out.
const (
	CRDs            Part = "CRDs"
	Namespaces      Part = "namespaces"
	ControlPlanes   Part = "control planes" // istiod Deployments in the cluster
	Webhooks        Part = "webhooks"       // admission webhook configurations
	Nodes           Part = "nodes"
	Pods            Part = "pods"
	Services        Part = "services"
	EndpointSlices  Part = "endpoint slices"
	Deployments     Part = "deployments"
	DaemonSets      Part = "daemon sets"
	Quotas          Part = "resource quotas"
	LimitRanges     Part = "limit ranges"
	PriorityClasses Part = "priority classes"
	APIServices     Part = "API services"
	Operators       Part = "IstioOperator objects"
	CASecrets       Part = "CA secrets"
	RootCerts       Part = "root certificates" // ConfigMaps istio-ca-root-cert
	Telemetries     Part = "Telemetry objects"
	ServiceEntries  Part = "service entries"
	RequestAuths    Part = "request authentications"
	ServiceAccounts Part = "service accounts"
	StatefulSets    Part = "stateful sets"
	ReplicaSets     Part = "replica sets"
	Jobs            Part = "jobs"
	CronJobs        Part = "cron jobs"
	Ingresses       Part = "ingresses"
	Roles           Part = "roles"
	RoleBindings    Part = "role bindings"
	Secrets         Part = "secrets"                 // the names of what they hold, and what is wrong with it
	Injectors       Part = "injector configurations" // ConfigMaps of istiods that say how pods are injected
	// What the mesh is told.
	VirtualServices       Part = "virtual services"
	DestinationRules      Part = "destination rules"
	Gateways              Part = "gateways"
	Sidecars              Part = "sidecars"
	WorkloadEntries       Part = "workload entries"
	EnvoyFilters          Part = "envoy filters"
	ProxyConfigs          Part = "proxy configs"
	AuthorizationPolicies Part = "authorization policies"
	PeerAuthentications   Part = "peer authentications"
	WasmPlugins           Part = "wasm plugins"
	TrafficExtensions     Part = "traffic extensions"
	GatewayClasses        Part = "gateway classes"
	KubernetesGateways    Part = "Kubernetes gateways"
	HTTPRoutes            Part = "HTTP routes"
	GRPCRoutes            Part = "gRPC routes"
	TLSRoutes             Part = "TLS routes"
	TCPRoutes             Part = "TCP routes"
	ReferenceGrants       Part = "reference grants"
	ListenerSets          Part = "listener sets"
	BackendTLSPolicies    Part = "backend TLS policies"
	// What CNI plugins and other neighbours of the mesh are told.
	CiliumConfig          Part = "Cilium configuration"
	CalicoConfig          Part = "Calico configuration"
	CalicoLayers          Part = "Calico application layers"
	SecurityGroupPolicies Part = "security group policies"
	NetworkPolicies       Part = "network policies"
	AdmissionPolicies     Part = "admission policies"
	CiliumPolicies        Part = "Cilium network policies"
	WorkloadGroups        Part = "workload groups"
	ClusterRoles          Part = "cluster roles"
	ClusterRoleBindings   Part = "cluster role bindings"
	SigningRequests       Part = "certificate signing requests"
)

// Objects are the cluster's objects that rules look at, each list with a part
// of its own.
type Objects struct {
	// CRDs holds metadata only: the definitions of a few hundred kinds are
	// tens of megabytes.
	CRDs            []*metav1.PartialObjectMetadata
	Namespaces      []*corev1.Namespace
	ControlPlanes   []*unstructured.Unstructured
	Webhooks        []*unstructured.Unstructured
	Nodes           []*corev1.Node
	Pods            []*corev1.Pod
	Services        []*corev1.Service
	EndpointSlices  []*discoveryv1.EndpointSlice
	Deployments     []*appsv1.Deployment
	DaemonSets      []*appsv1.DaemonSet
	Quotas          []*corev1.ResourceQuota
	LimitRanges     []*corev1.LimitRange
	PriorityClasses []*schedulingv1.PriorityClass
	APIServices     []*unstructured.Unstructured
	// Operators are the IstioOperator objects; metadata only.
	Operators []*metav1.PartialObjectMetadata
	// SigningCAs is what istiod may sign with.
	SigningCAs []*SigningCA
	RootCerts  []*corev1.ConfigMap
	// CiliumConfig is ConfigMap kube-system/cilium-config, CalicoConfig the
	// FelixConfiguration default; nil where there is none.
	CiliumConfig *corev1.ConfigMap
	CalicoConfig *unstructured.Unstructured
	// CalicoLayers are the ApplicationLayers of Calico Enterprise and Cloud.
	CalicoLayers []*unstructured.Unstructured
	// SecurityGroupPolicies are those of Amazon's VPC CNI.
	SecurityGroupPolicies []*metav1.PartialObjectMetadata
	NetworkPolicies       []*networkingv1.NetworkPolicy
	AdmissionPolicies     []*admissionv1.ValidatingAdmissionPolicy
	// CiliumPolicies are namespaced and cluster-wide ones.
	CiliumPolicies      []*unstructured.Unstructured
	ClusterRoles        []*rbacv1.ClusterRole
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding
	SigningRequests     []*certificatesv1.CertificateSigningRequest
	ServiceAccounts     []*corev1.ServiceAccount
	StatefulSets        []*appsv1.StatefulSet
	ReplicaSets         []*appsv1.ReplicaSet
	Jobs                []*batchv1.Job
	CronJobs            []*batchv1.CronJob
	Ingresses           []*networkingv1.Ingress
	Roles               []*rbacv1.Role
	RoleBindings        []*rbacv1.RoleBinding
	Secrets             []*Secret
	Injectors           []*corev1.ConfigMap
	// ModelessSidecars are the Sidecars of a cluster whose outboundTrafficPolicy
	// has no mode, which in their Go type is the same as REGISTRY_ONLY.
	ModelessSidecars []string
	MeshObjects
}

// MeshObjects are what the mesh is told: Istio's own kinds and those of the
// Gateway API.
type MeshObjects struct {
	VirtualServices       []*networking.VirtualService
	DestinationRules      []*networking.DestinationRule
	Gateways              []*networking.Gateway
	ServiceEntries        []*networking.ServiceEntry
	Sidecars              []*networking.Sidecar
	WorkloadEntries       []*networking.WorkloadEntry
	WorkloadGroups        []*networking.WorkloadGroup
	EnvoyFilters          []*networkingalpha.EnvoyFilter
	ProxyConfigs          []*networkingbeta.ProxyConfig
	AuthorizationPolicies []*security.AuthorizationPolicy
	PeerAuthentications   []*security.PeerAuthentication
	RequestAuths          []*security.RequestAuthentication
	Telemetries           []*telemetry.Telemetry
	WasmPlugins           []*extensions.WasmPlugin
	TrafficExtensions     []*extensions.TrafficExtension
	GatewayClasses        []*gateway.GatewayClass
	KubernetesGateways    []*gateway.Gateway
	HTTPRoutes            []*gateway.HTTPRoute
	GRPCRoutes            []*gateway.GRPCRoute
	TLSRoutes             []*gateway.TLSRoute
	TCPRoutes             []*gateway.TCPRoute
	ReferenceGrants       []*gateway.ReferenceGrant
	ListenerSets          []*gateway.ListenerSet
	BackendTLSPolicies    []*gateway.BackendTLSPolicy
}
