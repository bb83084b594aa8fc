package mesh

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Grant is a role that lets others than administrators, Kubernetes itself and
// those that the user allows write objects.
type Grant struct {
	// Binding is the first that binds the role to them.
	Binding snapshot.Object
	// Role is Role/namespace/name or ClusterRole/name.
	Role string
	// Namespaces are where it holds; nil for everywhere.
	Namespaces []string
	// Subjects are printed as Kind/name, service accounts with their namespace.
	Subjects []string
	// Resources are those of the ones asked for that may be written.
	Resources []string
}

// rights are the rules of a role, and whether it is one of administrators.
type rights struct {
	rules []rbacv1.PolicyRule
	all   bool
}

// Where says in words where it holds.
func (g *Grant) Where() string {
	switch names := slices.Compact(slices.Sorted(slices.Values(g.Namespaces))); {
	case len(names) == 0:
		return "in every namespace"
	case len(names) == 1:
		return "in namespace " + names[0]
	default:
		return fmt.Sprintf("in namespace %s and %d more", names[0], len(names)-1)
	}
}

// Writers lists the roles that let somebody create or change objects of a
// group, in the order in which the picture holds their bindings.
func (m *Mesh) Writers(group string, resources ...string) []*Grant {
	roles := m.rights()
	var out []*Grant
	known := map[string]*Grant{}
	add := func(binding snapshot.Object, ref rbacv1.RoleRef, subjects []rbacv1.Subject) {
		key := ref.Kind + "/" + ref.Name
		if ref.Kind == "Role" {
			key = ref.Kind + "/" + binding.GetNamespace() + "/" + ref.Name
		}
		r := roles[key]
		if r.all && binding.GetNamespace() == "" {
			return // the cluster's administrators
		}
		may := slices.DeleteFunc(slices.Clone(resources), func(resource string) bool { return !writes(r.rules, group, resource) })
		who := slices.DeleteFunc(m.others(subjects), m.Settings.AllowsWriter)
		if len(may) == 0 || len(who) == 0 {
			return
		}
		g := known[key]
		if g == nil {
			g = &Grant{Binding: binding, Role: key, Resources: may}
			known[key] = g
			out = append(out, g)
		}
		g.Subjects = append(g.Subjects, who...)
		if binding.GetNamespace() != "" && (g.Namespaces != nil || g.Binding == binding) {
			g.Namespaces = append(g.Namespaces, binding.GetNamespace())
		}
	}
	for _, b := range m.ClusterRoleBindings {
		add(b, b.RoleRef, b.Subjects)
	}
	for _, b := range m.RoleBindings {
		add(b, b.RoleRef, b.Subjects)
	}
	return out
}

// rights are those of every role by Kind/name. What is aggregated to the roles
// that Kubernetes brings is counted there even where files do not hold them.
func (m *Mesh) rights() map[string]rights {
	out := map[string]rights{}
	add := func(key string, rules []rbacv1.PolicyRule) {
		r := out[key]
		r.rules = append(slices.Clip(r.rules), rules...)
		r.all = r.all || slices.ContainsFunc(rules, func(p rbacv1.PolicyRule) bool {
			return slices.Contains(p.APIGroups, "*") && slices.Contains(p.Resources, "*") && slices.Contains(p.Verbs, "*")
		})
		out[key] = r
	}
	for _, r := range m.ClusterRoles {
		add("ClusterRole/"+r.Name, r.Rules)
		if r.Labels["rbac.authorization.k8s.io/aggregate-to-edit"] == "true" {
			add("ClusterRole/edit", r.Rules)
			add("ClusterRole/admin", r.Rules)
		}
		if r.Labels["rbac.authorization.k8s.io/aggregate-to-admin"] == "true" {
			add("ClusterRole/admin", r.Rules)
		}
	}
	for _, r := range m.Roles {
		add("Role/"+r.Namespace+"/"+r.Name, r.Rules)
	}
	return out
}

// writes says whether rules let one create or change objects of a resource,
// whatever their names.
func writes(rules []rbacv1.PolicyRule, group, resource string) bool {
	has := func(list []string, wanted ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || slices.Contains(wanted, s) })
	}
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return len(r.ResourceNames) == 0 && has(r.APIGroups, group) && has(r.Resources, resource) && has(r.Verbs, "create", "update", "patch")
	})
}

// others are the subjects that are neither Kubernetes itself nor Istio.
func (m *Mesh) others(subjects []rbacv1.Subject) []string {
	var out []string
	for _, s := range subjects {
		switch {
		case s.Kind == rbacv1.ServiceAccountKind && (s.Namespace == "kube-system" || s.Namespace == m.Root):
		case s.Kind == rbacv1.ServiceAccountKind:
			out = append(out, "ServiceAccount/"+s.Namespace+"/"+s.Name)
		case strings.HasPrefix(s.Name, "system:") && !everybody(s):
		default:
			out = append(out, s.Kind+"/"+s.Name)
		}
	}
	return out
}

// everybody says whether a group of Kubernetes is one of users or workloads.
func everybody(s rbacv1.Subject) bool {
	return s.Kind == rbacv1.GroupKind && (s.Name == "system:authenticated" || s.Name == "system:unauthenticated" || strings.HasPrefix(s.Name, "system:serviceaccounts"))
}
