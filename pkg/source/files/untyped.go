package files

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// untyped takes an object of a kind of which the snapshot has another list than
// that of its Go type, and says whether it was one.
func (b *batch) untyped(v *document.Value, h header, text []byte, p document.Part) bool {
	group, kind := h.group(), h.kind
	var o snapshot.Object
	switch {
	case group == "admissionregistration.k8s.io" && strings.HasSuffix(kind, "WebhookConfiguration"):
		o = &unstructured.Unstructured{}
	case group == "apiextensions.k8s.io" && kind == "CustomResourceDefinition":
		o = &metav1.PartialObjectMetadata{}
	case group == "v1" && kind == "ConfigMap" && snapshot.IsInjector(v.Str("metadata", "name")):
		o = &corev1.ConfigMap{}
	default:
		return false
	}
	if v.Field("kind") == nil && len(text) > len("{}") {
		text = fmt.Appendf(nil, `{"apiVersion":%q,"kind":%q,%s`, h.apiVersion, h.kind, text[1:])
	}
	if json.Unmarshal(text, o) == nil && b.putUntyped(o) {
		b.from(o, p, v.Path())
	}
	return true
}

// putUntyped adds one of them.
func (b *batch) putUntyped(o snapshot.Object) bool {
	switch o := o.(type) {
	case *unstructured.Unstructured:
		b.objects.Webhooks = append(b.objects.Webhooks, o)
	case *metav1.PartialObjectMetadata:
		b.objects.CRDs = append(b.objects.CRDs, o)
	case *corev1.ConfigMap:
		b.objects.Injectors = append(b.objects.Injectors, o)
	default:
		return false
	}
	return true
}

// takeUntyped adds what a batch found of them.
func (c *collector) takeUntyped(from *snapshot.Objects) {
	c.snap.Webhooks = append(c.snap.Webhooks, from.Webhooks...)
	c.snap.CRDs = append(c.snap.CRDs, from.CRDs...)
	c.snap.Injectors = append(c.snap.Injectors, from.Injectors...)
}

// controlPlanes lists the istiods among the Deployments.
func (c *collector) controlPlanes() {
	for _, d := range c.snap.Deployments {
		if d.Labels["app"] != snapshot.IstiodApp {
			continue
		}
		if fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d); err == nil {
			c.snap.ControlPlanes = append(c.snap.ControlPlanes, &unstructured.Unstructured{Object: fields})
		}
	}
}
