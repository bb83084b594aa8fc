package rendered

import (
	"cmp"
	"net/url"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Tag is a revision tag that stands by itself, as `istioctl tag set` makes it.
type Tag struct {
	Name string
	// Revision that it stands for; "" for the one without a name.
	Revision string
	// Namespace of the control plane.
	Namespace string
	// Injector is the webhook configuration of the revision, whose address,
	// labels and CA the tag's has too.
	Injector *unstructured.Unstructured
	// Everywhere injects namespaces without any label too.
	Everywhere bool
}

// RenderTag returns the objects of a tag: its injector and its service, and for
// the default tag the validator that stands for no revision.
func RenderTag(t Tag) ([]*unstructured.Unstructured, error) {
	client, policy := clientOf(t.Injector)
	address, _, _ := unstructured.NestedString(client, "url")
	merged := values.Map{
		"metadata": map[string]any{"namespace": t.Namespace},
		"spec": map[string]any{"values": map[string]any{
			"revision":               t.Revision,
			"sidecarInjectorWebhook": map[string]any{"enableNamespacesByDefault": t.Everywhere, "reinvocationPolicy": policy},
			"istiodRemote":           map[string]any{"injectionURL": address},
			"base":                   map[string]any{"validationURL": validation(address)},
		}},
	}
	injector, err := tagObject(merged, t.Name, t.Revision, "MutatingWebhookConfiguration")
	if err != nil {
		return nil, err
	}
	service, err := tagObject(merged, t.Name, cmp.Or(t.Revision, snapshot.DefaultRevision), "Service")
	if err != nil {
		return nil, err
	}
	out := []*unstructured.Unstructured{service, injector}
	setClients(injector, func(to map[string]any) { fields(to, client, "caBundle", "service") })
	if t.Name == snapshot.DefaultRevision {
		validator, err := defaultValidator(merged, t.Revision)
		if err != nil {
			return nil, err
		}
		setClients(validator, func(to map[string]any) { fields(to, client, "caBundle") })
		out = append(out, validator)
	}
	for _, o := range out {
		if o.GetKind() != "Service" {
			inherit(o, t.Injector.GetLabels())
			annotate(o, t.Injector.GetAnnotations())
		}
		disown(o)
	}
	return out, nil
}

// validation is the address of a remote istiod's validator, beside that of its
// injector.
func validation(injection string) string {
	u, err := url.Parse(injection)
	if err != nil || injection == "" {
		return injection
	}
	u.Path = "/validate"
	return u.String()
}

// disown takes the labels of an installation away, so that none prunes the tag.
func disown(o *unstructured.Unstructured) {
	labels := o.GetLabels()
	for _, name := range []string{manifest.OperatorManagedLabel, manifest.OperatorVersionLabel, manifest.IstioComponentLabel,
		manifest.OwningResourceName, manifest.OwningResourceNamespace, manifest.OwningResourceNotPruned} {
		delete(labels, name)
	}
	o.SetLabels(labels)
}

func annotate(o *unstructured.Unstructured, from map[string]string) {
	if len(from) == 0 {
		return
	}
	all := o.GetAnnotations()
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range from {
		all[name] = value
	}
	o.SetAnnotations(all)
}

// clientOf is how the API server reaches the injector of a revision.
func clientOf(injector *unstructured.Unstructured) (client map[string]any, reinvocation string) {
	for _, hook := range snapshot.AdmissionWebhooks(injector) {
		client, _ = hook["clientConfig"].(map[string]any)
		reinvocation, _ = hook["reinvocationPolicy"].(string)
		return client, reinvocation
	}
	return nil, ""
}

func setClients(o *unstructured.Unstructured, change func(client map[string]any)) {
	hooks, _, _ := unstructured.NestedSlice(o.Object, "webhooks")
	for _, h := range hooks {
		hook, _ := h.(map[string]any)
		if client, ok := hook["clientConfig"].(map[string]any); ok {
			change(client)
		}
	}
	_ = unstructured.SetNestedSlice(o.Object, hooks, "webhooks")
}

// fields copies fields that are there.
func fields(to, from map[string]any, names ...string) {
	for _, name := range names {
		if v, ok := from[name]; ok && (name != "service" || to["service"] != nil) {
			to[name] = v
		}
	}
}

// Deactivate returns the injector with webhooks that match nothing; see
// snapshot.Deactivated.
func Deactivate(o *unstructured.Unstructured) *unstructured.Unstructured {
	out := o.DeepCopy()
	deactivate(out)
	return out
}
