package rendered

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// wantsDefaultTag says whether the installation becomes the cluster's default
// revision, by istioctl's rule: unless webhooks are managed by hand, and
// unless a revisioned control plane meets an existing default tag.
func wantsDefaultTag(c *snapshot.Config, o Options) bool {
	if c.EffectiveValues().IsTrue("global", "operatorManageWebhooks") || !c.ComponentEnabled("pilot") {
		return false
	}
	return c.Revision() == "" || !o.DefaultTagElsewhere
}

// defaultTag adds the default validator and takes the plain injector out of
// play: the tag's webhook does its work, and two that match the same pods
// would inject twice. istioctl does both with updates after the installation;
// here they are part of what is planned, applied and verified.
func defaultTag(in []snapshot.Manifest, merged values.Map) ([]snapshot.Manifest, error) {
	validator, err := defaultValidator(merged)
	if err != nil {
		return nil, err
	}
	for _, m := range in {
		if plainInjector(m.Object) {
			deactivate(m.Object)
		}
		if m.Object.GetLabels()["istio.io/tag"] == "default" {
			keep(m.Object)
		}
	}
	keep(validator)
	return append(in, snapshot.Manifest{Component: "Pilot", Object: validator}), nil
}

// plainInjector is the injector of the default revision. That of a named
// revision selects by its own name and stays.
func plainInjector(o *unstructured.Unstructured) bool {
	labels := o.GetLabels()
	return o.GetKind() == "MutatingWebhookConfiguration" && labels["istio.io/tag"] == "" && labels["istio.io/rev"] == "default"
}

// keep marks what istioctl must not prune when it installs another revision.
func keep(o *unstructured.Unstructured) {
	labels := o.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[manifest.OwningResourceNotPruned] = "true"
	o.SetLabels(labels)
}

func deactivate(o *unstructured.Unstructured) {
	never := map[string]any{"matchLabels": map[string]any{"istio.io/deactivated": "never-match"}}
	hooks, _, _ := unstructured.NestedSlice(o.Object, "webhooks")
	for _, h := range hooks {
		if hook, ok := h.(map[string]any); ok {
			hook["namespaceSelector"], hook["objectSelector"] = never, never
		}
	}
	_ = unstructured.SetNestedSlice(o.Object, hooks, "webhooks")
}

func defaultValidator(merged values.Map) (*unstructured.Unstructured, error) {
	ns := merged.GetPathStringOr("metadata.namespace", "istio-system")
	vals := values.Map{"spec": values.Map{"values": values.Map{
		"revision": merged.GetPathString("spec.values.revision"),
		"base":     values.Map{"validationURL": merged.GetPathString("spec.values.base.validationURL")},
		"global":   values.Map{"istioNamespace": ns},
	}}}
	objects, _, err := helm.Render("istio", ns, "default", vals, nil)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(objects, func(m manifest.Manifest) bool { return m.GetKind() == "ValidatingWebhookConfiguration" })
	if i < 0 {
		return nil, fmt.Errorf("the default chart has no validating webhook")
	}
	return objects[i].Unstructured, nil
}

// label adds what istioctl writes on everything it applies, so that its
// uninstall and upgrade find the objects. Namespaces stay without: they may
// hold more than Istio.
func label(m snapshot.Manifest, merged values.Map) {
	if m.Object.GetKind() == "Namespace" {
		return
	}
	labels := m.Object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[manifest.OperatorManagedLabel] = "Reconcile"
	labels[manifest.OperatorVersionLabel] = facts.EmbeddedRelease
	labels[manifest.IstioComponentLabel] = m.Component
	labels["istio.io/rev"] = merged.GetPathStringOr("spec.values.revision", "default")
	if name := merged.GetPathString("metadata.name"); name != "" {
		labels[manifest.OwningResourceName] = name
	}
	if ns := merged.GetPathString("metadata.namespace"); ns != "" {
		labels[manifest.OwningResourceNamespace] = ns
	}
	m.Object.SetLabels(labels)
}
