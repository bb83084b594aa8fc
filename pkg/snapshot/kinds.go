package snapshot

import (
	"reflect"
	"slices"
	"strings"

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
	"k8s.io/apimachinery/pkg/runtime/schema"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// Kind is a kind of which the snapshot holds a list. Objects of every version
// of its API fit into its Go type.
type Kind struct {
	// GroupVersionKind has the version in which a cluster is asked.
	schema.GroupVersionKind
	Part Part
	// Custom kinds come with a CRD that a cluster need not have, or may have in
	// an older version only; Older are those to be tried.
	Custom bool
	Older  []string
	// Type is the Go type of its objects.
	Type reflect.Type

	// Everywhere says that its objects have no namespace.
	Everywhere bool
	// Sealed says that what its objects hold is secret: of them no text is kept.
	Sealed bool
	// same says that the Older versions have the same fields.
	same bool

	add    func(*Objects, func(into any) error) (Object, error)
	put    func(*Objects, Object)
	append func(to, from *Objects)
	keep   func(*Objects, func(Object) bool)
	each   func(*Objects, func(Object) bool)
}

// HasFieldsOf says whether objects of a version of the kind's API have the
// fields of its Go type. Kubernetes changed fields from version to version;
// Istio's versions all have the same, and so have the later ones of the Gateway
// API.
func (k Kind) HasFieldsOf(version string) bool {
	return version == k.Version || strings.HasSuffix(k.Group, ".istio.io") || k.Group == groupGateway && version == "v1beta1" ||
		k.same && slices.Contains(k.Older, version)
}

// Add decodes an object into its list.
func (k Kind) Add(to *Objects, decode func(into any) error) (Object, error) {
	return k.add(to, decode)
}

// Put adds an object of the kind to its list.
func (k Kind) Put(to *Objects, o Object) { k.put(to, o) }

// Append adds the list of one Objects to that of another.
func (k Kind) Append(to, from *Objects) { k.append(to, from) }

// Replace makes the list of one Objects that of another.
func (k Kind) Replace(to, from *Objects) {
	k.keep(to, func(Object) bool { return false })
	k.append(to, from)
}

// Each calls visit for every object of the list until it returns false.
func (k Kind) Each(in *Objects, visit func(Object) bool) { k.each(in, visit) }

// Keep leaves out of the list what is not to be kept.
func (k Kind) Keep(in *Objects, keep func(Object) bool) { k.keep(in, keep) }

// Count is how many objects there are.
func (o *Objects) Count() int {
	n := 0
	for _, k := range ObjectKinds() {
		k.Each(o, func(Object) bool { n++; return true })
	}
	return n
}

// KindsByName are the same by group and kind.
func KindsByName() map[schema.GroupKind]Kind {
	out := map[schema.GroupKind]Kind{}
	for _, k := range ObjectKinds() {
		out[k.GroupKind()] = k
	}
	return out
}

func kindOf[T any, P interface {
	*T
	Object
}](part Part, group, version, kind string, field func(*Objects) *[]P) Kind {
	gvk := schema.GroupVersionKind{Group: group, Version: version, Kind: kind}
	return Kind{
		GroupVersionKind: gvk, Part: part, Type: reflect.TypeFor[T](),
		add: func(o *Objects, decode func(any) error) (Object, error) {
			item := P(new(T))
			if err := decode(item); err != nil {
				return nil, err
			}
			// The version that rules know, whatever the object was written in.
			item.GetObjectKind().SetGroupVersionKind(gvk)
			item.SetManagedFields(nil)
			*field(o) = append(*field(o), item)
			return item, nil
		},
		put:    func(o *Objects, item Object) { *field(o) = append(*field(o), item.(P)) },
		append: func(to, from *Objects) { *field(to) = append(*field(to), *field(from)...) },
		keep: func(o *Objects, keep func(Object) bool) {
			var kept []P
			for _, item := range *field(o) {
				if keep(item) {
					kept = append(kept, item)
				}
			}
			*field(o) = kept
		},
		each: func(o *Objects, visit func(Object) bool) {
			for _, item := range *field(o) {
				if !visit(item) {
					return
				}
			}
		},
		Everywhere: everywhere(kind),
	}
}

// custom marks a kind of a CRD.
func custom(k Kind) Kind {
	k.Custom, k.Older = true, []string{"v1beta1", "v1alpha3", "v1alpha1"}
	return k
}

// alpha marks a kind of the Gateway API with alphas that have the same fields.
func alpha(k Kind, versions ...string) Kind {
	k.Custom, k.Older, k.same = true, versions, true
	return k
}

func everywhere(kind string) bool {
	return slices.Contains([]string{"Namespace", "Node", "PriorityClass", "ClusterRole", "ClusterRoleBinding", "CertificateSigningRequest", "GatewayClass", "ValidatingAdmissionPolicy"}, kind)
}

// API groups.
const (
	groupNetworking = "networking.istio.io"
	groupSecurity   = "security.istio.io"
	groupExtensions = "extensions.istio.io"
	groupGateway    = "gateway.networking.k8s.io"
	groupRBAC       = "rbac.authorization.k8s.io"
)

// ObjectKinds are all kinds whose objects are listed in their Go types. A new one is
// a part, a field of Objects and a line here.
func ObjectKinds() []Kind {
	return append(kubernetesKinds(), meshKinds()...)
}

func kubernetesKinds() []Kind {
	return []Kind{
		kindOf(Namespaces, "", "v1", "Namespace", func(o *Objects) *[]*corev1.Namespace { return &o.Namespaces }),
		kindOf(Nodes, "", "v1", "Node", func(o *Objects) *[]*corev1.Node { return &o.Nodes }),
		kindOf(Pods, "", "v1", "Pod", func(o *Objects) *[]*corev1.Pod { return &o.Pods }),
		kindOf(Services, "", "v1", "Service", func(o *Objects) *[]*corev1.Service { return &o.Services }),
		sealed(kindOf(Secrets, "", "v1", "Secret", func(o *Objects) *[]*Secret { return &o.Secrets })),
		kindOf(ServiceAccounts, "", "v1", "ServiceAccount", func(o *Objects) *[]*corev1.ServiceAccount { return &o.ServiceAccounts }),
		kindOf(Quotas, "", "v1", "ResourceQuota", func(o *Objects) *[]*corev1.ResourceQuota { return &o.Quotas }),
		kindOf(LimitRanges, "", "v1", "LimitRange", func(o *Objects) *[]*corev1.LimitRange { return &o.LimitRanges }),
		kindOf(Deployments, "apps", "v1", "Deployment", func(o *Objects) *[]*appsv1.Deployment { return &o.Deployments }),
		kindOf(DaemonSets, "apps", "v1", "DaemonSet", func(o *Objects) *[]*appsv1.DaemonSet { return &o.DaemonSets }),
		kindOf(StatefulSets, "apps", "v1", "StatefulSet", func(o *Objects) *[]*appsv1.StatefulSet { return &o.StatefulSets }),
		kindOf(ReplicaSets, "apps", "v1", "ReplicaSet", func(o *Objects) *[]*appsv1.ReplicaSet { return &o.ReplicaSets }),
		kindOf(Jobs, "batch", "v1", "Job", func(o *Objects) *[]*batchv1.Job { return &o.Jobs }),
		kindOf(CronJobs, "batch", "v1", "CronJob", func(o *Objects) *[]*batchv1.CronJob { return &o.CronJobs }),
		kindOf(EndpointSlices, "discovery.k8s.io", "v1", "EndpointSlice", func(o *Objects) *[]*discoveryv1.EndpointSlice { return &o.EndpointSlices }),
		kindOf(Ingresses, "networking.k8s.io", "v1", "Ingress", func(o *Objects) *[]*networkingv1.Ingress { return &o.Ingresses }),
		kindOf(NetworkPolicies, "networking.k8s.io", "v1", "NetworkPolicy", func(o *Objects) *[]*networkingv1.NetworkPolicy { return &o.NetworkPolicies }),
		// Kubernetes serves it from 1.26 on, and in v1 from 1.30 on.
		custom(kindOf(AdmissionPolicies, "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", func(o *Objects) *[]*admissionv1.ValidatingAdmissionPolicy { return &o.AdmissionPolicies })),
		kindOf(PriorityClasses, "scheduling.k8s.io", "v1", "PriorityClass", func(o *Objects) *[]*schedulingv1.PriorityClass { return &o.PriorityClasses }),
		kindOf(Roles, groupRBAC, "v1", "Role", func(o *Objects) *[]*rbacv1.Role { return &o.Roles }),
		kindOf(RoleBindings, groupRBAC, "v1", "RoleBinding", func(o *Objects) *[]*rbacv1.RoleBinding { return &o.RoleBindings }),
		kindOf(ClusterRoles, groupRBAC, "v1", "ClusterRole", func(o *Objects) *[]*rbacv1.ClusterRole { return &o.ClusterRoles }),
		kindOf(ClusterRoleBindings, groupRBAC, "v1", "ClusterRoleBinding", func(o *Objects) *[]*rbacv1.ClusterRoleBinding { return &o.ClusterRoleBindings }),
		kindOf(SigningRequests, "certificates.k8s.io", "v1", "CertificateSigningRequest", func(o *Objects) *[]*certificatesv1.CertificateSigningRequest { return &o.SigningRequests }),
	}
}

func meshKinds() []Kind {
	out := []Kind{
		kindOf(VirtualServices, groupNetworking, "v1", "VirtualService", func(o *Objects) *[]*networking.VirtualService { return &o.VirtualServices }),
		kindOf(DestinationRules, groupNetworking, "v1", "DestinationRule", func(o *Objects) *[]*networking.DestinationRule { return &o.DestinationRules }),
		kindOf(Gateways, groupNetworking, "v1", "Gateway", func(o *Objects) *[]*networking.Gateway { return &o.Gateways }),
		kindOf(ServiceEntries, groupNetworking, "v1", "ServiceEntry", func(o *Objects) *[]*networking.ServiceEntry { return &o.ServiceEntries }),
		kindOf(Sidecars, groupNetworking, "v1", "Sidecar", func(o *Objects) *[]*networking.Sidecar { return &o.Sidecars }),
		kindOf(WorkloadEntries, groupNetworking, "v1", "WorkloadEntry", func(o *Objects) *[]*networking.WorkloadEntry { return &o.WorkloadEntries }),
		kindOf(WorkloadGroups, groupNetworking, "v1", "WorkloadGroup", func(o *Objects) *[]*networking.WorkloadGroup { return &o.WorkloadGroups }),
		kindOf(EnvoyFilters, groupNetworking, "v1alpha3", "EnvoyFilter", func(o *Objects) *[]*networkingalpha.EnvoyFilter { return &o.EnvoyFilters }),
		kindOf(ProxyConfigs, groupNetworking, "v1beta1", "ProxyConfig", func(o *Objects) *[]*networkingbeta.ProxyConfig { return &o.ProxyConfigs }),
		kindOf(AuthorizationPolicies, groupSecurity, "v1", "AuthorizationPolicy", func(o *Objects) *[]*security.AuthorizationPolicy { return &o.AuthorizationPolicies }),
		kindOf(PeerAuthentications, groupSecurity, "v1", "PeerAuthentication", func(o *Objects) *[]*security.PeerAuthentication { return &o.PeerAuthentications }),
		kindOf(RequestAuths, groupSecurity, "v1", "RequestAuthentication", func(o *Objects) *[]*security.RequestAuthentication { return &o.RequestAuths }),
		kindOf(Telemetries, "telemetry.istio.io", "v1", "Telemetry", func(o *Objects) *[]*telemetry.Telemetry { return &o.Telemetries }),
		kindOf(WasmPlugins, groupExtensions, "v1alpha1", "WasmPlugin", func(o *Objects) *[]*extensions.WasmPlugin { return &o.WasmPlugins }),
		kindOf(TrafficExtensions, groupExtensions, "v1alpha1", "TrafficExtension", func(o *Objects) *[]*extensions.TrafficExtension { return &o.TrafficExtensions }),
		kindOf(GatewayClasses, groupGateway, "v1", "GatewayClass", func(o *Objects) *[]*gateway.GatewayClass { return &o.GatewayClasses }),
		kindOf(KubernetesGateways, groupGateway, "v1", "Gateway", func(o *Objects) *[]*gateway.Gateway { return &o.KubernetesGateways }),
		kindOf(HTTPRoutes, groupGateway, "v1", "HTTPRoute", func(o *Objects) *[]*gateway.HTTPRoute { return &o.HTTPRoutes }),
		kindOf(GRPCRoutes, groupGateway, "v1", "GRPCRoute", func(o *Objects) *[]*gateway.GRPCRoute { return &o.GRPCRoutes }),
		kindOf(ReferenceGrants, groupGateway, "v1", "ReferenceGrant", func(o *Objects) *[]*gateway.ReferenceGrant { return &o.ReferenceGrants }),
		kindOf(ListenerSets, groupGateway, "v1", "ListenerSet", func(o *Objects) *[]*gateway.ListenerSet { return &o.ListenerSets }),
	}
	for i := range out {
		out[i] = custom(out[i])
	}
	// These were alphas for years, with the fields that they have now.
	return append(out,
		alpha(kindOf(TLSRoutes, groupGateway, "v1", "TLSRoute", func(o *Objects) *[]*gateway.TLSRoute { return &o.TLSRoutes }), "v1alpha3", "v1alpha2"),
		alpha(kindOf(TCPRoutes, groupGateway, "v1", "TCPRoute", func(o *Objects) *[]*gateway.TCPRoute { return &o.TCPRoutes }), "v1alpha2"),
		alpha(kindOf(BackendTLSPolicies, groupGateway, "v1", "BackendTLSPolicy", func(o *Objects) *[]*gateway.BackendTLSPolicy { return &o.BackendTLSPolicies }), "v1alpha3"),
	)
}

// EachOfAny calls visit for every object that findings may be about, also those
// whose kinds are not ObjectKinds.
func (o *Objects) EachOfAny(visit func(Object)) {
	for _, k := range ObjectKinds() {
		k.Each(o, func(item Object) bool {
			visit(item)
			return true
		})
	}
	each(o.Webhooks, visit)
	each(o.CRDs, visit)
	each(o.Injectors, visit)
	each(o.RootCerts, visit)
}

func each[T Object](list []T, visit func(Object)) {
	for _, o := range list {
		visit(o)
	}
}
