package main

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshctl/meshctl/pkg/report"
)

// TestRights wants users with few rights to be told what they may not see or
// do: checks that need it are skipped with the reason, none passes, nothing is
// written, and nothing crashes.
func TestRights(t *testing.T) {
	b := startSandbox(t)
	b.meshctl("install", "-y").wants(t, exitOK)
	b.giveRights(t)
	before := len(b.writes())
	for _, tc := range []struct {
		user, command string
		code          int
		skipped       []string // checks that nobody can make with these rights
	}{
		{"viewer", "precheck", exitFindings, []string{"PRE005", "PRE008"}},
		{"viewer", "verify", exitOK, []string{"POST005", "POST006"}},
		{"local", "precheck", exitFindings, []string{"PRE005", "PRE008"}},
		{"local", "verify", exitOK, []string{"POST005", "POST006"}},
		{"nobody", "precheck", exitFindings, []string{"PRE005", "PRE008"}},
		{"nobody", "verify", exitFailed, []string{"POST001", "POST002", "POST004", "POST005", "POST006"}},
	} {
		t.Run(tc.user+" "+tc.command, func(t *testing.T) {
			r := b.meshctl(tc.command, "--set", "profile=default", "--as", tc.user, "-o", "json")
			rep := r.report(t)
			if r.code != tc.code {
				t.Errorf("exit code %d, want %d: %s", r.code, tc.code, r.stderr)
			}
			for _, o := range rep.Rules {
				if o.Outcome == report.Crashed || o.Outcome == report.Skipped && o.Reason == "" {
					t.Errorf("%s: %s, reason %q", o.ID, o.Outcome, o.Reason)
				}
			}
			for _, id := range tc.skipped {
				if o := outcome(t, rep, id); o.Outcome != report.Skipped || !strings.Contains(o.Reason, "forbidden") {
					t.Errorf("%s: %s, %q; want skipped as forbidden", id, o.Outcome, o.Reason)
				}
			}
		})
	}
	for _, user := range []string{"viewer", "local", "nobody"} {
		t.Run(user+" plan and install", func(t *testing.T) {
			for _, args := range [][]string{{"plan"}, {"install", "-y"}} {
				r := b.meshctl(append(args, "--set", "profile=default", "--as", user)...)
				if r.code != exitFindings && r.code != exitFailed || !strings.Contains(r.out+r.stderr, "orbidden") && !strings.Contains(r.out+r.stderr, "may not") {
					t.Errorf("%s: exit code %d\n%s\n%s", args[0], r.code, r.out, r.stderr)
				}
			}
		})
	}
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("users without the right to write wrote: %q", w)
	}
}

// giveRights makes a viewer, who has the view role everywhere, and local, who
// may read everything in the namespace of the control plane only. A user
// called nobody has no rights at all.
func (b *box) giveRights(t *testing.T) {
	t.Helper()
	rbac, ctx := b.client().RbacV1(), t.Context()
	viewer := []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "viewer"}}
	_, err := rbac.ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "viewer"}, Subjects: viewer,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = rbac.Roles("istio-system").Create(ctx, &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: "local"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = rbac.RoleBindings("istio-system").Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "local"},
		Subjects:   []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "local"}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "local"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}
