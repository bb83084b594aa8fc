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
	var questions []kube.Access
	asked := map[kube.Access]bool{}
	rendered := renderedResources(manifests)
	for _, m := range manifests {
		where, err := resourceOf(c, rendered, m.Object)
		if err != nil {
			continue // kinds says which kinds are not known
		}
		for _, verb := range verbs {
			q := where
			q.Verb = verb
			if !asked[q] {
				asked[q] = true
				questions = append(questions, q)
			}
		}
	}
	var out []snapshot.AccessAnswer
	for _, a := range c.CanI(ctx, questions) {
		out = append(out, answer(a))
	}
	return append(out, grants(ctx, c, manifests)...)
}

// kinds finds the rendered objects whose kind is neither known to the server
// nor brought by a rendered CRD. Its error says that discovery failed.
func kinds(c *kube.Client, manifests []snapshot.Manifest) ([]snapshot.Key, error) {
	var out []snapshot.Key
	rendered := renderedResources(manifests)
	for _, m := range manifests {
		_, err := resourceOf(c, rendered, m.Object)
		if err != nil && !kube.UnknownKind(err) {
			return nil, err
		}
		if err != nil {
			out = append(out, snapshot.KeyOf(m.Object))
		}
	}
	return out, nil
}

func answer(a kube.Answer) snapshot.AccessAnswer {
	out := snapshot.AccessAnswer{Verb: a.Verb, Group: a.Group, Resource: a.Resource, Namespace: a.Namespace, Allowed: a.Allowed, Reason: a.Reason}
	if a.Err != nil {
		out.Unknown = reason(a.Err)
	}
	return out
}

// resourceOf names the resource of an object and the namespace it lives in:
// from discovery, or from the CRD that is rendered along with it.
func resourceOf(c *kube.Client, rendered map[string]kube.Access, o *unstructured.Unstructured) (kube.Access, error) {
	gvk := o.GroupVersionKind()
	m, err := c.Map(gvk)
	if err == nil {
		a := kube.Access{Group: gvk.Group, Resource: m.Resource.Resource}
		if m.Namespaced {
			a.Namespace = o.GetNamespace()
		}
		return a, nil
	}
	a, ok := rendered[gvk.Group+"/"+gvk.Kind]
	if !ok {
		return a, err
	}
	if a.Namespace != "" {
		a.Namespace = o.GetNamespace()
	}
	return a, nil
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
