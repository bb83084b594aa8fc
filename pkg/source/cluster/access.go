package cluster

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// verbs that server-side apply and the wait after it use on every object.
var verbs = []string{"get", "create", "patch"}

// access asks for every verb on every kind that is rendered, where it is
// rendered: not a fixed list, which misses daemon sets, autoscalers and the
// right to hand out permissions.
func access(ctx context.Context, c *kube.Client, manifests []snapshot.Manifest) []snapshot.AccessAnswer {
	var out []snapshot.AccessAnswer
	var questions []kube.Access
	asked := map[kube.Access]bool{}
	ask := func(q kube.Access) {
		if !asked[q] {
			asked[q] = true
			questions = append(questions, q)
		}
	}
	crdResources := renderedResources(manifests)
	for _, m := range manifests {
		group, resource, namespaced, err := resourceOf(c, crdResources, m.Object)
		if err != nil {
			out = append(out, snapshot.AccessAnswer{Group: m.Object.GroupVersionKind().Group, Resource: strings.ToLower(m.Object.GetKind()), Unknown: reason(err)})
			continue
		}
		ns := ""
		if namespaced {
			ns = m.Object.GetNamespace()
		}
		for _, verb := range verbs {
			ask(kube.Access{Verb: verb, Group: group, Resource: resource, Namespace: ns})
		}
	}
	for _, a := range c.CanI(ctx, questions) {
		out = append(out, answer(a))
	}
	return append(out, grants(ctx, c, manifests)...)
}

func answer(a kube.Answer) snapshot.AccessAnswer {
	out := snapshot.AccessAnswer{Verb: a.Verb, Group: a.Group, Resource: a.Resource, Namespace: a.Namespace, Allowed: a.Allowed, Reason: a.Reason}
	if a.Err != nil {
		out.Unknown = reason(a.Err)
	}
	return out
}

// resourceOf names the resource of an object: from discovery, or from the
// CRD that is rendered along with it.
func resourceOf(c *kube.Client, rendered map[string]kube.Access, o *unstructured.Unstructured) (group, resource string, namespaced bool, err error) {
	gvk := o.GroupVersionKind()
	m, err := c.Map(gvk)
	if err == nil {
		return gvk.Group, m.Resource.Resource, m.Namespaced, nil
	}
	if r, ok := rendered[gvk.Group+"/"+gvk.Kind]; ok {
		return r.Group, r.Resource, r.Namespace != "", nil
	}
	return "", "", false, err
}

// renderedResources maps group/kind to the resource of each rendered CRD; a
// namespace of "*" marks a namespaced one.
func renderedResources(manifests []snapshot.Manifest) map[string]kube.Access {
	out := map[string]kube.Access{}
	for _, m := range manifests {
		if m.Object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		group, _, _ := unstructured.NestedString(m.Object.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(m.Object.Object, "spec", "names", "kind")
		plural, _, _ := unstructured.NestedString(m.Object.Object, "spec", "names", "plural")
		scope, _, _ := unstructured.NestedString(m.Object.Object, "spec", "scope")
		a := kube.Access{Group: group, Resource: plural}
		if scope == "Namespaced" {
			a.Namespace = "*"
		}
		out[group+"/"+kind] = a
	}
	return out
}

// grants finds out whether the user may hand out the permissions in the
// rendered roles. Kubernetes allows it to those who hold them all or may
// escalate; only a dry run tells.
func grants(ctx context.Context, c *kube.Client, manifests []snapshot.Manifest) []snapshot.AccessAnswer {
	var out []snapshot.AccessAnswer
	for _, m := range manifests {
		verb := map[string]string{"ClusterRole": "escalate", "ClusterRoleBinding": "bind"}[m.Object.GetKind()]
		if verb == "" {
			continue
		}
		a := snapshot.AccessAnswer{Verb: verb, Group: "rbac.authorization.k8s.io", Resource: strings.ToLower(m.Object.GetKind()) + "s/" + m.Object.GetName(), Allowed: true}
		if _, err := c.Apply(ctx, m.Object, true); kube.Forbidden(err) {
			a.Allowed, a.Reason = false, firstSentence(reason(err))
		} else if err != nil && !(verb == "bind" && kube.NotFound(err)) {
			// A binding whose role the plan itself brings cannot be tried.
			a.Unknown = reason(err)
		}
		out = append(out, a)
	}
	return out
}

func firstSentence(text string) string {
	if i := strings.Index(text, ": {"); i > 0 {
		return text[:i]
	}
	return text
}
