package schema

import (
	"reflect"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/facts"
)

// kubeStrict is the first minor whose istioctl decodes the Kubernetes types
// of a component strictly; before, an own copy of them took more.
var kubeStrict = facts.Minor{Major: 1, Minor: 24}

// kubeTypes names the Kubernetes types of the table.
var kubeTypes = sync.OnceValue(func() map[string]reflect.Type {
	return map[string]reflect.Type{
		"corev1.Affinity":                         reflect.TypeFor[corev1.Affinity](),
		"corev1.EnvVar":                           reflect.TypeFor[corev1.EnvVar](),
		"corev1.PodSecurityContext":               reflect.TypeFor[corev1.PodSecurityContext](),
		"corev1.Probe":                            reflect.TypeFor[corev1.Probe](),
		"corev1.ResourceRequirements":             reflect.TypeFor[corev1.ResourceRequirements](),
		"corev1.ServiceSpec":                      reflect.TypeFor[corev1.ServiceSpec](),
		"corev1.Toleration":                       reflect.TypeFor[corev1.Toleration](),
		"corev1.Volume":                           reflect.TypeFor[corev1.Volume](),
		"corev1.VolumeMount":                      reflect.TypeFor[corev1.VolumeMount](),
		"appsv1.DeploymentStrategy":               reflect.TypeFor[appsv1.DeploymentStrategy](),
		"autoscaling.HorizontalPodAutoscalerSpec": reflect.TypeFor[autoscaling.HorizontalPodAutoscalerSpec](),
		"policy.PodDisruptionBudgetSpec":          reflect.TypeFor[policy.PodDisruptionBudgetSpec](),
	}
})

// kubeValues lists the values of an IstioOperator that istioctl decodes as
// Kubernetes types; see validateValues in its operator/pkg/apis/validation.
func kubeValues() map[string]reflect.Type {
	tolerations, labels := reflect.TypeFor[[]corev1.Toleration](), reflect.TypeFor[[]metav1.LabelSelector]()
	out := map[string]reflect.Type{
		"cni.affinity":                                reflect.TypeFor[corev1.Affinity](),
		"cni.seccompProfile":                          reflect.TypeFor[corev1.SeccompProfile](),
		"global.defaultTolerations":                   tolerations,
		"global.proxy.lifecycle":                      reflect.TypeFor[corev1.Lifecycle](),
		"global.proxy.seccompProfile":                 reflect.TypeFor[corev1.SeccompProfile](),
		"global.waypoint.affinity":                    reflect.TypeFor[corev1.Affinity](),
		"global.waypoint.topologySpreadConstraints":   reflect.TypeFor[[]corev1.TopologySpreadConstraint](),
		"pilot.affinity":                              reflect.TypeFor[corev1.Affinity](),
		"pilot.seccompProfile":                        reflect.TypeFor[corev1.SeccompProfile](),
		"pilot.tolerations":                           tolerations,
		"pilot.topologySpreadConstraints":             reflect.TypeFor[[]corev1.TopologySpreadConstraint](),
		"pilot.volumeMounts":                          reflect.TypeFor[[]corev1.VolumeMount](),
		"pilot.volumes":                               reflect.TypeFor[[]corev1.Volume](),
		"sidecarInjectorWebhook.alwaysInjectSelector": labels,
		"sidecarInjectorWebhook.neverInjectSelector":  labels,
	}
	for _, gateway := range []string{"gateways.istio-ingressgateway.", "gateways.istio-egressgateway."} {
		out[gateway+"tolerations"] = tolerations
		out[gateway+"podAntiAffinityLabelSelector"] = labels
		out[gateway+"podAntiAffinityTermLabelSelector"] = labels
	}
	return out
}

// typeValues sets the Kubernetes types in a tree of values.
func typeValues(root *node) {
	for path, t := range kubeValues() {
		n := root
		for name := range strings.SplitSeq(path, ".") {
			if n, _ = n.child(name); n == nil {
				break
			}
		}
		if n == nil {
			continue
		}
		typed := goType(t)
		n.shape, n.fields, n.elem, n.goType, n.since = typed.shape, typed.fields, typed.elem, typed.goType, kubeStrict
	}
}

// kube returns the schema of a Kubernetes type of the table.
func kube(name string) (*node, bool) {
	t, ok := kubeTypes()[strings.TrimLeft(name, "[]*")]
	if !ok {
		return nil, false
	}
	n := *goType(t)
	n.since = kubeStrict
	return &n, true
}

// goTypes caches the schemas of Go types: several fields have the same one.
var goTypes sync.Map

func goType(t reflect.Type) *node {
	if n, ok := goTypes.Load(t); ok {
		return n.(*node)
	}
	n, _ := goTypes.LoadOrStore(t, structure(t, nil))
	return n.(*node)
}

// structure turns a Go type into a schema, by its JSON tags.
func structure(t reflect.Type, seen []reflect.Type) *node {
	switch t {
	case reflect.TypeFor[resource.Quantity]():
		return &node{shape: quantity, strict: true}
	case reflect.TypeFor[intstr.IntOrString]():
		return &node{}
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.Duration]():
		return &node{shape: text, strict: true}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return structure(t.Elem(), seen)
	case reflect.Map:
		return &node{shape: dict, elem: structure(t.Elem(), seen)}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &node{shape: text, strict: true}
		}
		return &node{shape: list, elem: structure(t.Elem(), seen)}
	case reflect.String:
		return &node{shape: text, strict: true, enum: kubeEnums()[t]}
	case reflect.Bool:
		return &node{shape: boolean, strict: true}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64:
		return &node{shape: integer, strict: true}
	case reflect.Struct:
		if len(seen) == 0 {
			return members(t, seen)
		}
		return goType(t)
	}
	return &node{}
}

func members(t reflect.Type, seen []reflect.Type) *node {
	for _, s := range seen {
		if s == t {
			return &node{} // a recursive type is not looked into again
		}
	}
	seen = append(seen, t)
	n := &node{shape: object, fields: map[string]*node{}, goType: t}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "":
			for inner, child := range structure(f.Type, seen).fields {
				n.fields[inner] = child
			}
		default:
			n.fields[name] = structure(f.Type, seen)
		}
	}
	return n
}
