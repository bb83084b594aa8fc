package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/report"
)

// shop is a small mesh with some faults.
const shop = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, version: v1}}
    spec:
      securityContext: {runAsUser: 1337}
      containers: [{name: web, image: web:1, ports: [{containerPort: 80}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.shop.svc.cluster.local]
  http: [{route: [{destination: {host: web.shop.svc.cluster.local, subset: v1}}]}]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ["./*"]}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: other, namespace: shop}
spec: {egress: [{hosts: ["./web.shop.svc.cluster.local"]}]}
`

// mends adds what one of the faults lacks, and brings another.
const mends = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web.shop.svc.cluster.local
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web-again, namespace: shop}
spec:
  hosts: [web.shop.svc.cluster.local]
  http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]
`

// analyzes looks at one mesh in files, in the cluster, and at files over it.
func (b *box) analyzes(t *testing.T) {
	offline := meshctl(t, "analyze", "--complete", "-o", "json", writeFile(t, "shop.yaml", shop)).wants(t, exitFindings).report(t)
	for part := range strings.SplitSeq(shop, "---\n") {
		b.put(t, part)
	}
	before := len(b.writes())
	live := b.meshctl("analyze", "--live", "-o", "json").wants(t, exitFindings).report(t)
	if diff := cmp.Diff(ofShop(offline), ofShop(live)); diff != "" {
		t.Errorf("findings in files (-) and in the cluster (+) differ:\n%s", diff)
	}
	if len(ofShop(offline)) < 3 {
		t.Errorf("only %q was found", ofShop(offline))
	}
	over := b.meshctl("analyze", "--live", writeFile(t, "mends.yaml", mends)).wants(t, exitFindings,
		"resolved: VirtualService/shop/web", "VS001")
	b.ordered(t)
	if strings.Contains(over.out, "SDC003") {
		t.Errorf("what was there before is reported as new:\n%s", over.out)
	}
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("analyze wrote: %q", w)
	}
	b.ignores(t)
	b.analyzesAsViewer(t)
}

// ordered wants to be told in which order to apply a route and its subset only
// where the cluster does not have the subset.
func (b *box) ordered(t *testing.T) {
	t.Helper()
	rule := `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}%s]}
`
	route := `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.shop.svc.cluster.local], http: [{route: [{destination: {host: web.shop.svc.cluster.local, subset: %s}}]}]}
`
	b.put(t, fmt.Sprintf(rule, ""))
	more := fmt.Sprintf(rule, ", {name: v2, labels: {version: v2}}")
	b.meshctl("analyze", "--live", "--fail-on=never", writeFile(t, "v2.yaml", more+fmt.Sprintf(route, "v2"))).wants(t, exitOK, `subset "v2" is new: apply in this order`)
	if r := b.meshctl("analyze", "--live", "--fail-on=never", writeFile(t, "v1.yaml", more+fmt.Sprintf(route, "v1"))); strings.Contains(r.out, "is new") {
		t.Errorf("a subset that is there is called new:\n%s", r.out)
	}
}

// ignores wants an annotation of an object in the cluster to be obeyed.
func (b *box) ignores(t *testing.T) {
	t.Helper()
	patch := []byte(`{"metadata":{"annotations":{"meshctl.io/ignore":"SDC003: will be removed next week"}}}`)
	sidecars := b.kind(t, "networking.istio.io/v1", "sidecars").Namespace("shop")
	for _, name := range []string{"default", "other"} {
		if _, err := sidecars.Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	rep := b.meshctl("analyze", "--live", "-o", "json").wants(t, exitFindings).report(t)
	if o := outcome(t, rep, "SDC003"); o.Outcome != report.Passed || !strings.Contains(o.Reason, "1 suppressed") {
		t.Errorf("SDC003: %s, %s", o.Outcome, o.Reason)
	}
}

// analyzesAsViewer wants rules about what a user may not read to be skipped,
// with the reason, and the others to run.
func (b *box) analyzesAsViewer(t *testing.T) {
	t.Helper()
	ctx, c := t.Context(), b.client().RbacV1()
	role := &rbacv1.ClusterRole{Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"", "apps", "batch", "networking.istio.io"}, Resources: []string{
			"namespaces", "pods", "services", "configmaps", "deployments", "daemonsets", "statefulsets", "replicasets", "jobs", "cronjobs", "virtualservices", "destinationrules",
		}, Verbs: []string{"get", "list"}},
	}}
	role.Name = "mesh-viewer"
	if _, err := c.ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{
		RoleRef:  rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: "rbac.authorization.k8s.io", Kind: "User", Name: role.Name}},
	}
	binding.Name = role.Name
	if _, err := c.ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	rep := b.meshctl("analyze", "--live", "-o", "json", "--as", role.Name).wants(t, exitFindings).report(t)
	for id, want := range map[string]report.Outcome{"SDC003": report.Skipped, "GWY006": report.Skipped, "AUTHZ001": report.Skipped, "APP001": report.Failed} {
		o := outcome(t, rep, id)
		if o.Outcome != want || want == report.Skipped && !strings.Contains(o.Reason, "forbidden") {
			t.Errorf("%s: %s, %s", id, o.Outcome, o.Reason)
		}
	}
	b.meshctl("analyze", "--live", "--as", "nobody").wants(t, exitFailed, "nothing of the cluster could be read", "forbidden")
}

// ofShop are the findings about the shop.
func ofShop(r *report.Report) []string {
	var out []string
	for _, f := range r.Findings {
		if strings.Contains(f.At.Object, "/shop") {
			out = append(out, f.Rule+" "+f.At.Object+" "+f.At.Path+": "+f.Message)
		}
	}
	slices.Sort(out)
	return out
}
