package revision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Impossible says why a tag cannot be what is asked for.
type Impossible struct {
	message string
	// Unknown says that the revision does not exist.
	Unknown bool
}

func (e *Impossible) Error() string { return e.message }

func impossible(format string, args ...any) error {
	return &Impossible{message: fmt.Sprintf(format, args...)}
}

// ControlPlane is what a revision consists of, as far as a tag needs it.
type ControlPlane struct {
	Revision, Namespace string
	Injector            *unstructured.Unstructured
}

// Find looks for the control plane of a revision.
func Find(ctx context.Context, c *kube.Client, revision string) (*ControlPlane, error) {
	own := "istio.io/rev=" + revision + ",!istio.io/tag"
	injectors, err := c.List(ctx, mutatingWebhook, "", own)
	if err != nil {
		return nil, fmt.Errorf("looking for revision %s: %w", revision, c.Explain(err))
	}
	found, err := c.List(ctx, services, "", own+",app=istiod")
	if err != nil {
		return nil, fmt.Errorf("looking for revision %s: %w", revision, c.Explain(err))
	}
	switch {
	case len(injectors) == 0 || len(found) == 0:
		known, err := revisions(ctx, c)
		if err != nil {
			return nil, err
		}
		there := "there are: " + strings.Join(known, ", ")
		if len(known) == 0 {
			there = "there is none"
		}
		return nil, &Impossible{fmt.Sprintf("no control plane of revision %s is installed; %s", revision, there), true}
	case len(injectors) > 1 || len(found) > 1:
		return nil, impossible("revision %s is installed %d times, in different namespaces; a tag stands for one", revision, max(len(injectors), len(found)))
	}
	return &ControlPlane{revision, found[0].GetNamespace(), injectors[0]}, nil
}

// revisions are the names of all that are installed.
func revisions(ctx context.Context, c *kube.Client) ([]string, error) {
	injectors, err := c.ListMeta(ctx, mutatingWebhook, "", "istio.io/rev,!istio.io/tag")
	if err != nil {
		return nil, fmt.Errorf("listing revisions: %w", c.Explain(err))
	}
	out := []string{}
	for _, o := range injectors {
		out = append(out, o.Labels["istio.io/rev"])
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// ObjectsOf are what a tag consists of: webhooks, and services.
func ObjectsOf(ctx context.Context, c *kube.Client, tag string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for _, kind := range []schema.GroupVersionKind{mutatingWebhook, validatingWebhook, services} {
		found, err := c.List(ctx, kind, "", "istio.io/tag="+tag)
		if err != nil {
			return nil, fmt.Errorf("looking for tag %s: %w", tag, c.Explain(err))
		}
		out = append(out, found...)
	}
	return out, nil
}

// UsersOf finds namespaces and pods that name a tag.
func UsersOf(ctx context.Context, c *kube.Client, tag string) ([]Use, error) {
	labelled, pods := &Use{What: "namespaces are injected through it"}, &Use{What: "pods ask for it"}
	all, err := c.ListMeta(ctx, namespaces, "", "")
	if err != nil {
		return nil, fmt.Errorf("listing namespaces: %w", c.Explain(err))
	}
	for _, ns := range all {
		if names(ns.Labels, tag) {
			labelled.add(ns.Name)
		}
	}
	err = c.EachPod(ctx, "", "istio.io/rev="+tag, func(p *metav1.PartialObjectMetadata) {
		if p.Labels["operator.istio.io/component"] == "" { // the control plane's own say which it is
			pods.add(p.Namespace + "/" + p.Name)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listing pods: %w", c.Explain(err))
	}
	return slices.DeleteFunc([]Use{*labelled, *pods}, func(u Use) bool { return u.Count == 0 }), nil
}

// names says whether the labels of a namespace ask for a tag.
func names(labels map[string]string, tag string) bool {
	if injection := labels["istio-injection"]; injection != "" {
		return tag == snapshot.DefaultRevision && injection == "enabled"
	}
	return labels["istio.io/rev"] == tag
}

// NamespacesOf lists all namespaces that a tag injects.
func NamespacesOf(ctx context.Context, c *kube.Client, tag string) ([]string, error) {
	all, err := c.ListMeta(ctx, namespaces, "", "")
	if err != nil {
		return nil, fmt.Errorf("listing namespaces: %w", c.Explain(err))
	}
	out := []string{}
	for _, ns := range all {
		if names(ns.Labels, tag) {
			out = append(out, ns.Name)
		}
	}
	return out, nil
}
