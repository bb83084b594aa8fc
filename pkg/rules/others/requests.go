package others

import (
	"maps"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// request is one that the installation leads to, as webhooks see it.
type request struct {
	name       string // of the object, for a finding
	resource   schema.GroupVersionResource
	namespaced bool
	// namespace holds the labels of the object's namespace, or its own where
	// it is one; nil for other objects outside of namespaces.
	namespace labels.Set
	// labels are those that the object may have, before and after.
	labels []labels.Set
	ops    []admissionv1.OperationType
}

// requests are those for the rendered objects, and for the pods that come of
// them. The API server asks no webhook about webhook configurations.
func requests(p *rule.Pass) []request {
	spaces := namespaceLabels(p)
	var out []request
	for _, m := range p.Rendered {
		gvk := m.Object.GroupVersionKind()
		if gvk.Group == "admissionregistration.k8s.io" {
			continue
		}
		r := request{name: snapshot.KeyOf(m.Object).String(), namespaced: m.Object.GetNamespace() != "", labels: []labels.Set{m.Object.GetLabels()}}
		r.resource, _ = meta.UnsafeGuessKindToResource(gvk)
		r.namespace = spaces[m.Object.GetNamespace()]
		if gvk.Kind == "Namespace" {
			r.namespace = spaces[m.Object.GetName()]
			r.labels = append(r.labels, r.namespace)
		}
		r.operations(p.Existing[snapshot.KeyOf(m.Object)])
		out = append(out, r)
		out = append(out, offspring(m.Object, r)...)
	}
	return out
}

// operations are what applying an object comes to: an update of one that is
// there, else a creation, and nobody knows where it may not be read.
func (r *request) operations(e snapshot.ExistingObject) {
	if e.Meta == nil {
		r.ops = append(r.ops, admissionv1.Create)
	}
	if e.Meta != nil || e.Unknown != "" {
		r.ops = append(r.ops, admissionv1.Update)
	}
	if e.Meta != nil {
		r.labels = append(r.labels, e.Meta.Labels)
	}
}

// offspring are the objects that controllers make of a workload.
func offspring(o *unstructured.Unstructured, owner request) []request {
	if kind := o.GetKind(); kind != "Deployment" && kind != "DaemonSet" {
		return nil
	}
	own, _, _ := unstructured.NestedStringMap(o.Object, "spec", "template", "metadata", "labels")
	pod := owner
	pod.name, pod.resource = "the pods of "+owner.name, schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	pod.labels, pod.ops = []labels.Set{own}, []admissionv1.OperationType{admissionv1.Create}
	if o.GetKind() == "DaemonSet" {
		return []request{pod}
	}
	set := pod
	set.name, set.resource = "the replica sets of "+owner.name, schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}
	return []request{pod, set}
}

// namespaceLabels are the labels that namespaces will have.
func namespaceLabels(p *rule.Pass) map[string]labels.Set {
	out := map[string]labels.Set{}
	for _, ns := range p.Namespaces {
		out[ns.Name] = ns.Labels
	}
	add := func(name string, own map[string]string) {
		all := labels.Set{"kubernetes.io/metadata.name": name} // the API server's own
		maps.Copy(all, out[name])
		maps.Copy(all, own)
		out[name] = all
	}
	for _, m := range p.Rendered {
		if ns := m.Object.GetNamespace(); ns != "" && out[ns] == nil {
			add(ns, nil)
		}
		if m.Object.GetKind() == "Namespace" {
			add(m.Object.GetName(), m.Object.GetLabels())
		}
	}
	return out
}

// wants says whether a webhook is asked about a request.
func wants(h *snapshot.Hook, r request) bool {
	for _, op := range r.ops {
		if !h.Asks(op, r.resource, r.namespaced) {
			continue
		}
		for _, own := range r.labels {
			if r.namespace == nil && h.SelectsObject(own) || r.namespace != nil && h.Selects(r.namespace, own) {
				return true
			}
		}
	}
	return false
}
