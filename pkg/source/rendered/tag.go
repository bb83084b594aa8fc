package rendered

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"helm.sh/helm/v4/pkg/chart/common"

	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/charts"
)

// wantsDefaultTag says whether the installation becomes the cluster's default
// revision, by istioctl's rule: unless webhooks are managed by hand, and
// unless a revisioned control plane meets an existing default tag. One that was
// set by hand is nobody's.
func wantsDefaultTag(c *snapshot.Config, o Options) bool {
	if c.EffectiveValues().IsTrue("global", "operatorManageWebhooks") || !c.ComponentEnabled("pilot") || o.DefaultTagByHand {
		return false
	}
	return c.Revision() == "" || !o.DefaultTagElsewhere
}

// movedTag is the plain injector of an installation whose default tag belongs
// to somebody else: it stays out of play.
func movedTag(in []snapshot.Manifest) {
	for _, m := range in {
		if plainInjector(m.Object) {
			deactivate(m.Object)
		}
	}
}

// defaultTag adds what makes this the default revision: the tag's injector and
// service, and the default validator. It takes the plain injector out of play,
// because two that match the same pods would inject twice. istioctl does all
// this with updates after the installation; here it is part of what is
// planned, applied and verified, object by object as istioctl writes it.
func defaultTag(in []snapshot.Manifest, merged values.Map) ([]snapshot.Manifest, error) {
	injector := slices.IndexFunc(in, func(m snapshot.Manifest) bool {
		return m.Object.GetKind() == "MutatingWebhookConfiguration" && m.Object.GetLabels()["istio.io/tag"] == ""
	})
	if injector < 0 {
		return in, nil // webhooks are managed by hand
	}
	tagged, err := tagObjects(merged)
	if err != nil {
		return nil, err
	}
	for _, o := range tagged {
		if o.GetKind() != "Service" {
			inherit(o, in[injector].Object.GetLabels())
		}
		keep(o)
		in = append(in, snapshot.Manifest{Component: "Pilot", Object: o})
	}
	if plainInjector(in[injector].Object) {
		deactivate(in[injector].Object)
	}
	return in, nil
}

// tagObjects renders the objects of the default tag. For the injector and the
// validator istioctl leaves the default revision's name empty, for the
// service it does not.
func tagObjects(merged values.Map) ([]*unstructured.Unstructured, error) {
	revision := merged.GetPathString("spec.values.revision")
	injector, err := tagObject(merged, snapshot.DefaultRevision, revision, "MutatingWebhookConfiguration")
	if err != nil {
		return nil, err
	}
	service, err := tagObject(merged, snapshot.DefaultRevision, cmp.Or(revision, "default"), "Service")
	if err != nil {
		return nil, err
	}
	validator, err := defaultValidator(merged, revision)
	if err != nil {
		return nil, err
	}
	return []*unstructured.Unstructured{injector, service, validator}, nil
}

// tagObject renders one object of a tag, of the few templates that make tags.
func tagObject(merged values.Map, name, revision, kind string) (*unstructured.Unstructured, error) {
	parsed, err := charts.Bundled("istiod")
	if err != nil {
		return nil, err
	}
	ofTags := *parsed
	ofTags.Templates = slices.DeleteFunc(slices.Clone(parsed.Templates), func(f *common.File) bool { return !makesTags(f.Name) })
	ns := merged.GetPathStringOr("metadata.namespace", "istio-system")
	webhook := map[string]any{"enableNamespacesByDefault": merged.GetPathBool("spec.values.sidecarInjectorWebhook.enableNamespacesByDefault")}
	if policy := merged.GetPathString("spec.values.sidecarInjectorWebhook.reinvocationPolicy"); policy != "" {
		webhook["reinvocationPolicy"] = policy
	}
	objects, err := release{"istio", ns, &ofTags}.render(map[string]any{
		"revision": revision, "revisionTags": []any{name}, "global": map[string]any{"istioNamespace": ns}, "sidecarInjectorWebhook": webhook,
		"istiodRemote": map[string]any{"injectionURL": merged.GetPathString("spec.values.istiodRemote.injectionURL")},
	}, oldestKubernetes())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(objects, func(m manifest.Manifest) bool { return m.GetKind() == kind })
	if i < 0 {
		return nil, fmt.Errorf("the charts render no %s for tag %s", kind, name)
	}
	return objects[i].Unstructured, nil
}

// makesTags picks the templates of tags, and those that prepare the values for
// all templates.
func makesTags(template string) bool {
	name := path.Base(template)
	return strings.HasPrefix(name, "revision-tags-") || strings.HasPrefix(name, "_") || strings.HasPrefix(name, "zz")
}

// inherit gives a tag's webhook the labels of the injector it stands for.
func inherit(o *unstructured.Unstructured, from map[string]string) {
	labels := o.GetLabels()
	for name, value := range from {
		if name != "app" {
			labels[name] = value
		}
	}
	o.SetLabels(labels)
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

func defaultValidator(merged values.Map, revision string) (*unstructured.Unstructured, error) {
	parsed, err := charts.Bundled("default")
	if err != nil {
		return nil, err
	}
	ns := merged.GetPathStringOr("metadata.namespace", "istio-system")
	objects, err := release{"istio", ns, parsed}.render(map[string]any{
		"revision": revision,
		"base":     map[string]any{"validationURL": merged.GetPathString("spec.values.base.validationURL")},
		"global":   map[string]any{"istioNamespace": ns},
	}, oldestKubernetes())
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
