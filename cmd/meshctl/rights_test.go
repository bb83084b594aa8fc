package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/tools/clientcmd"

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
		{"creator", "precheck", exitFindings, nil},
		{"nobody", "precheck", exitFindings, []string{"PRE005", "PRE008"}},
		{"nobody", "verify", exitFailed, []string{"POST001", "POST002", "POST004", "POST005", "POST006"}},
	} {
		t.Run(tc.user+" "+tc.command, func(t *testing.T) {
			r := b.meshctl(tc.command, "--set", "profile=default", "--as", tc.user, "-o", "json")
			rep := r.report(t)
			if r.code != tc.code {
				t.Errorf("exit code %d, want %d: %s", r.code, tc.code, r.stderr)
			}
			if len(tc.skipped) > 0 && rep.Summary.Skipped < len(tc.skipped) {
				t.Errorf("the summary counts %d skipped checks", rep.Summary.Skipped)
			}
			if strict := b.meshctl(tc.command, "--set", "profile=default", "--as", tc.user, "--strict", "-q"); strict.code == exitOK {
				t.Error("--strict passes what could not be checked")
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
	t.Run("forbidden patch", func(t *testing.T) {
		b.meshctl("precheck", "--as", "creator", "--select", "PRE004").wants(t, exitFindings, "you may not patch deployments.apps in namespace istio-system", "PRE004")
		b.meshctl("install", "-y", "--as", "creator", "--set", "profile=default", "--set", "values.pilot.autoscaleMin=2").wants(t, exitFindings, "you may not patch", "nothing was applied")
	})
	for _, user := range []string{"viewer", "local", "nobody", "creator"} {
		t.Run(user+" plan and install", func(t *testing.T) {
			for _, args := range [][]string{{"plan"}, {"install", "-y"}} {
				r := b.meshctl(append(args, "--set", "profile=default", "--as", user)...)
				if r.code != exitFindings && r.code != exitFailed || !strings.Contains(r.out+r.stderr, "orbidden") && !strings.Contains(r.out+r.stderr, "may not") {
					t.Errorf("%s: exit code %d\n%s\n%s", args[0], r.code, r.out, r.stderr)
				}
			}
		})
	}
	t.Run("no file", b.writesNoFile)
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("users without the right to write wrote: %q", w)
	}
	t.Run("own namespace", b.ownNamespace)
}

// giveRights makes a viewer, who has the view role everywhere, and local, who
// may read everything in the namespace of the control plane only, and creator,
// who may do all that istioctl's precheck asks for, but not patch. A user called
// nobody has no rights at all.
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
	_, err = rbac.ClusterRoles().Create(ctx, &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "creator"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch", "create"}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = rbac.ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "creator"},
		Subjects:   []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "creator"}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "creator"},
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

// ownNamespace wants somebody who may edit one namespace, the one of the
// kubeconfig's context, to learn whether pods are injected there.
func (b *box) ownNamespace(t *testing.T) {
	b.put(t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}")
	b.put(t, "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {namespace: shop, name: team}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}, subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: team}]}")
	config, err := clientcmd.LoadFromFile(b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[config.CurrentContext].Namespace = "shop"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	b.eventually(t, "the role to take effect", func() bool {
		r := meshctl(t, "verify", "--set", "profile=default", "--as", "team", "--kubeconfig", path, "--select", "POST001,POST005,POST006")
		return r.code == exitOK && strings.Contains(r.out, "POST006 injection-works: a pod in namespace shop was injected") && strings.Contains(r.out, "2 skipped")
	})
}

// writesNoFile runs the built program with every folder that a program may
// write to in one place, and wants nothing to be there afterwards: no cache of
// discovery, no configuration, no temporary file.
func (b *box) writesNoFile(t *testing.T) {
	place := t.TempDir()
	file := filepath.Join(place, "istio.yaml")
	if err := os.WriteFile(file, []byte(operator+"spec:\n  profile: default\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := os.Environ()
	for _, name := range []string{"HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		env = append(env, name+"="+place)
	}
	var wg sync.WaitGroup
	for _, line := range []string{
		"precheck", "plan -f istio.yaml", "verify --wait --timeout 60s", "tag list", "tag set prod --revision default --dry-run", "uninstall --dry-run",
	} {
		wg.Go(func() { runIn(t, place, env, append(strings.Fields(line), "--kubeconfig", b.Kubeconfig())...) })
	}
	for _, line := range []string{"validate --diff istio.yaml", "rules list", "schema iop", "completion bash", "profiles list"} {
		wg.Go(func() { runIn(t, place, env, strings.Fields(line)...) })
	}
	wg.Wait()
	err := filepath.WalkDir(place, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != place && path != file {
			t.Errorf("somebody wrote %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func runIn(t *testing.T, dir string, env []string, args ...string) {
	cmd := exec.Command(builtBinary(t, "meshctl"), args...)
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%q: %v\n%s", args, err, out)
	}
}
