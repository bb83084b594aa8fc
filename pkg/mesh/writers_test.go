package mesh

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestWriters(t *testing.T) {
	role := &rbacv1.Role{Rules: []rbacv1.PolicyRule{{APIGroups: []string{"networking.istio.io"}, Resources: []string{"sidecars"}, Verbs: []string{"patch"}}}}
	role.Name, role.Namespace = "editor", "shop"
	binding := &rbacv1.RoleBinding{RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "editor"}, Subjects: []rbacv1.Subject{
		{Kind: "Group", Name: "developers"}, {Kind: "Group", Name: "platform-team"}, {Kind: "Group", Name: "system:masters"}, {Kind: "Group", Name: "system:serviceaccounts:shop"},
		{Kind: "ServiceAccount", Namespace: "kube-system", Name: "controller"}, {Kind: "ServiceAccount", Namespace: "shop", Name: "deployer"},
	}}
	binding.Name, binding.Namespace = "editor", "shop"
	s := &snapshot.Snapshot{Settings: snapshot.Settings{AllowedWriters: []string{"Group/platform-*"}}}
	s.Roles, s.RoleBindings = []*rbacv1.Role{role}, []*rbacv1.RoleBinding{binding}
	got := Of(s).Writers("networking.istio.io", "sidecars", "virtualservices")
	if len(got) != 1 || got[0].Role != "Role/shop/editor" || len(got[0].Resources) != 1 || len(got[0].Subjects) != 3 || got[0].Where() != "in namespace shop" {
		t.Errorf("%+v", got)
	}
	if others := Of(s).Writers("apps", "sidecars"); len(others) > 0 {
		t.Errorf("of another group: %+v", others)
	}
}
