package cluster

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// access finds out about every verb on every kind that is rendered, where it is
// rendered, and about what finding and removing leftovers takes: not a fixed
// list, which misses daemon sets, autoscalers and the right to hand out
// permissions. What the dry runs and the search for leftovers did is allowed;
// the rest is asked.
func access(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) ([]snapshot.AccessAnswer, error) {
	questions, out := permissions(ctx, c, s)
	for _, a := range c.CanI(ctx, questions) {
		if kube.Broken(a.Err) {
			return nil, a.Err
		}
		out = append(out, answer(a))
	}
	return append(out, grants(ctx, c, s)...), nil
}

// permissions lists what is to be asked, and what was done already.
func permissions(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) (questions []kube.Access, done []snapshot.AccessAnswer) {
	need := newNeeds()
	rendered := renderedResources(s.Rendered)
	for _, m := range s.Rendered {
		where, err := resourceOf(ctx, c, rendered, m.Object)
		if err != nil {
			continue // kinds says which kinds are not known
		}
		switch d := s.DryRuns[snapshot.KeyOf(m.Object)]; {
		case d.Verdict != snapshot.Accepted:
			need.add(where, false, "get", "create", "patch")
		case d.Live == nil: // only who may create too gets that accepted
			need.add(where, true, "get", "create", "patch")
		default:
			need.add(where, true, "get", "patch")
		}
	}
	listed, _ := s.Has(snapshot.Leftovers)
	listed = listed && slices.ContainsFunc(s.Configs, (*snapshot.Config).IsOperator)
	for _, gvk := range snapshot.PrunableKinds() {
		if m, err := c.Map(ctx, gvk); err == nil {
			where := kube.Access{Group: gvk.Group, Resource: m.Resource.Resource}
			need.add(where, listed, "list")
			need.add(where, false, "delete")
		}
	}
	for _, a := range need.order {
		if need.done[a] {
			done = append(done, snapshot.AccessAnswer{Verb: a.Verb, Group: a.Group, Resource: a.Resource, Namespace: a.Namespace, Allowed: true})
			continue
		}
		questions = append(questions, a)
	}
	return questions, done
}

// needs are permissions, each once. One is done where it was made use of for
// every object that needs it: roles may name single objects.
type needs struct {
	order []kube.Access
	done  map[kube.Access]bool
}

func newNeeds() *needs { return &needs{done: map[kube.Access]bool{}} }

func (n *needs) add(where kube.Access, done bool, verbs ...string) {
	for _, verb := range verbs {
		where.Verb = verb
		before, known := n.done[where]
		if !known {
			n.order = append(n.order, where)
		}
		n.done[where] = done && (before || !known)
	}
}

// kinds finds the rendered objects whose kind is neither known to the server
// nor brought by a rendered CRD. Its error says that discovery failed.
func kinds(ctx context.Context, c *kube.Client, manifests []snapshot.Manifest) ([]snapshot.Key, error) {
	var out []snapshot.Key
	rendered := renderedResources(manifests)
	for _, m := range manifests {
		_, err := resourceOf(ctx, c, rendered, m.Object)
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
func resourceOf(ctx context.Context, c *kube.Client, rendered map[string]kube.Access, o *unstructured.Unstructured) (kube.Access, error) {
	gvk := o.GroupVersionKind()
	m, err := c.Map(ctx, gvk)
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
// rendered roles. Kubernetes allows it to those who hold them all, or who may
// escalate and bind; only a dry run tells the first, and only the authorizer
// the second.
func grants(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) []snapshot.AccessAnswer {
	var out []snapshot.AccessAnswer
	for _, m := range s.Rendered {
		kind := m.Object.GetKind()
		verb, resource := "escalate", strings.ToLower(strings.TrimSuffix(kind, "Binding"))+"s"
		switch kind {
		case "ClusterRole", "Role":
		case "ClusterRoleBinding", "RoleBinding":
			verb = "bind"
		default:
			continue
		}
		a := snapshot.AccessAnswer{Verb: verb, Group: rbac, Resource: strings.ToLower(kind) + "s/" + m.Object.GetName(), Namespace: m.Object.GetNamespace()}
		switch d := s.DryRuns[snapshot.KeyOf(m.Object)]; d.Verdict {
		case snapshot.Accepted:
			a.Allowed = true
		case snapshot.Forbidden:
			a.Reason = firstSentence(d.Reason)
		case snapshot.Early:
			untried(ctx, c, &a, kube.Access{Verb: verb, Group: rbac, Resource: resource, Namespace: m.Object.GetNamespace()})
		default:
			a.Unknown = cmp.Or(d.Reason, "the dry run was not answered")
		}
		out = append(out, a)
	}
	return out
}

const rbac = "rbac.authorization.k8s.io"

// untried answers for a role or binding whose namespace or role the
// installation itself brings, so that no dry run is possible yet.
func untried(ctx context.Context, c *kube.Client, a *snapshot.AccessAnswer, q kube.Access) {
	got := c.CanI(ctx, []kube.Access{q})[0]
	a.Allowed = got.Err == nil && got.Allowed
	if !a.Allowed {
		a.Unknown = "you may not " + q.Verb + " in general, and whether you hold every permission in it can be tried only once its namespace and role exist"
	}
}

func firstSentence(text string) string {
	if i := strings.Index(text, ": {"); i > 0 {
		return text[:i]
	}
	return text
}
