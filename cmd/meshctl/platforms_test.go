package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	poll "k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/sandbox"
)

// TestSeventeenPlatforms plays every platform on one API server, by the nodes
// and objects that the platform has, and wants precheck to recognise it and to
// ask for its values; then the CNI plugins, by what they are told.
func TestSeventeenPlatforms(t *testing.T) {
	b := startSandboxWith(t, sandbox.Options{NoIstiod: true, Nodes: 1})
	plugin := writeFile(t, "istio.yaml", operator+"spec:\n  components:\n    cni: {enabled: true}\n")
	ambient := writeFile(t, "ambient.yaml", operator+"spec:\n  profile: ambient\n")
	for _, p := range facts.Platforms() {
		t.Run(p.ID, func(t *testing.T) {
			b.place(t, readFile(t, filepath.Join("..", "..", "testdata", "platforms", p.ID, "cluster.yaml")))
			file := plugin
			if p.ID == "minikube" {
				file = ambient // the only mode in which it needs its value
			}
			rep := b.platform(t, file)
			if rep.Target.Platform != p.ID {
				t.Fatalf("detected as %q", rep.Target.Platform)
			}
			if asked := said(rep, "PLT001", "spec.values.global.platform: "+p.Value); asked != (p.Value != "") {
				t.Errorf("global.platform %q asked for: %t", p.Value, asked)
			}
			if p.ID == "rke2" && !said(rep, "PLT003", "seLinuxOptions.type: spc_t") {
				t.Errorf("nothing said about SELinux: %+v", rep.Findings)
			}
			if p.ID == "talos" && !said(rep, "PLT007", "Talos enforces Pod Security baseline") {
				t.Errorf("nothing said about Pod Security: %+v", rep.Findings)
			}
		})
	}
	t.Run("CNI plugins", func(t *testing.T) { b.plugins(t, ambient) })
	t.Run("load balancers", b.balancers)
	if w := b.writes(); len(w) > 0 {
		t.Errorf("precheck or verify wrote: %q", w)
	}
}

// platform prechecks a file for what this test is about.
func (b *box) platform(t *testing.T, file string) *report.Report {
	t.Helper()
	r := meshctl(t, "precheck", "-f", file, "--kubeconfig", b.Kubeconfig(), "--select", "PLT,CNI", "--fail-on", "never", "-o", "json")
	return r.wants(t, exitOK).report(t)
}

func said(rep *report.Report, rule, text string) bool {
	return slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return f.Rule == rule && strings.Contains(f.Message, text) })
}

// plugins lays each plugin's settings beside a sandbox whose pods have none.
func (b *box) plugins(t *testing.T, file string) {
	b.place(t, crd("felixconfigurations", "crd.projectcalico.org", "FelixConfiguration", "v1"))
	for name, c := range map[string]struct {
		fixture string
		want    map[string]string
	}{
		"cilium":       {"CNI004/bad", map[string]string{"CNI004": "cni-exclusive is true"}},
		"cilium, fine": {"CNI004/good", nil},
		"calico":       {"CNI006/bad", map[string]string{"CNI006": "bpfConnectTimeLoadBalancing is TCP"}},
		"calico, fine": {"CNI006/good", nil},
		"canal":        {"CNI009/bad", map[string]string{"CNI009": "set cniConfDir: /var/lib/rancher/rke2/agent/etc/cni/net.d"}},
		"multus":       {"CNI009/bad_multus_here", map[string]string{"CNI009": "Multus runs here"}},
		"no plugin":    {"CNI004/good_none", nil},
	} {
		t.Run(name, func(t *testing.T) {
			b.place(t, readFile(t, filepath.Join("..", "..", "testdata", "rules", c.fixture, "cluster.yaml")))
			rep := b.platform(t, file)
			for _, id := range []string{"CNI004", "CNI006", "CNI007", "CNI008", "CNI009", "CNI010", "CNI011"} {
				o := outcome(t, rep, id)
				if text := c.want[id]; text == "" && o.Outcome != report.Passed || text != "" && !said(rep, id, text) {
					t.Errorf("%s: %s %s, want %q: %+v", id, o.Outcome, o.Reason, text, rep.Findings)
				}
			}
		})
	}
	b.withoutRights(t, file)
}

// withoutRights wants whoever may not read a plugin's settings to be told, not
// that all is well.
func (b *box) withoutRights(t *testing.T, file string) {
	rep := meshctl(t, "precheck", "-f", file, "--kubeconfig", b.Kubeconfig(), "--as", "nobody", "--platform", "eks", "--select", "CNI", "--fail-on", "never", "-o", "json").report(t)
	for _, id := range []string{"CNI004", "CNI006", "CNI007", "CNI008", "CNI009"} {
		if o := outcome(t, rep, id); o.Outcome != report.Skipped || !strings.Contains(o.Reason, "forbidden") {
			t.Errorf("%s without rights: %s %s", id, o.Outcome, o.Reason)
		}
	}
}

// balancers plays the Service of an east-west gateway on EKS, whose load
// balancer has a name and no address, with a machine that wants to join.
func (b *box) balancers(t *testing.T) {
	b.place(t, crd("workloadgroups", "networking.istio.io", "WorkloadGroup", "v1")+`
---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {name: billing, namespace: istio-gateways}
---
apiVersion: v1
kind: Service
metadata: {name: istio-eastwestgateway, namespace: istio-gateways, labels: {topology.istio.io/network: network1}}
spec:
  type: LoadBalancer
  selector: {istio: eastwestgateway}
  ports: [{name: tls, port: 15443}]
`)
	c := b.dynamic(t)
	status := `{"status":{"loadBalancer":{"ingress":[{"hostname":"e5f6-789.elb.eu-west-1.amazonaws.com"}]}}}`
	if _, err := c.Resource(corev1.SchemeGroupVersion.WithResource("services")).Namespace("istio-gateways").Patch(t.Context(), "istio-eastwestgateway", types.MergePatchType, []byte(status), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	rep := meshctl(t, "verify", "--profile", "minimal", "--kubeconfig", b.Kubeconfig(), "--platform", "eks", "--select", "PLT004,VM001", "--fail-on", "never", "-o", "json").wants(t, exitOK).report(t)
	if !said(rep, "PLT004", "load balancers of Amazon EKS have a host name") || !said(rep, "VM001", "--ingressIP") {
		t.Errorf("a load balancer with a host name: %+v %+v", rep.Findings, rep.Rules)
	}
}

// place creates objects and removes them when the test is over.
func (b *box) place(t *testing.T, text string) {
	t.Helper()
	c := b.dynamic(t)
	for doc := range strings.SplitSeq(text, "\n---\n") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(doc), &o.Object); err != nil {
			t.Fatal(err)
		}
		if len(o.Object) > 0 {
			b.stage(t, c, o)
		}
	}
}

// dynamic is a client whose writes are not counted as meshctl's.
func (b *box) dynamic(t *testing.T) dynamic.Interface {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	cfg.UserAgent, cfg.QPS, cfg.Burst = "stage-hand", 200, 200
	c, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *box) stage(t *testing.T, c dynamic.Interface, o *unstructured.Unstructured) {
	t.Helper()
	gvk := o.GroupVersionKind()
	plural, _ := meta.UnsafeGuessKindToResource(gvk)
	var r dynamic.ResourceInterface = c.Resource(plural)
	if name := o.GetNamespace(); name != "" {
		r = c.Resource(plural).Namespace(name)
		ns := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}}
		if _, err := c.Resource(corev1.SchemeGroupVersion.WithResource("namespaces")).Create(t.Context(), ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	// A kind that was just defined is served only after a moment.
	eventually(t, func(ctx context.Context) (bool, error) {
		_, err := r.Create(ctx, o, metav1.CreateOptions{})
		return !apierrors.IsNotFound(err), err
	})
	if group, _, _ := unstructured.NestedString(o.Object, "spec", "group"); gvk.Kind == "CustomResourceDefinition" {
		t.Cleanup(func() { b.served(t, group, o.GetName(), false) })
		defer b.served(t, group, o.GetName(), true)
	}
	t.Cleanup(func() {
		if err := r.Delete(context.Background(), o.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
}

// served waits until a CRD that was just made can be used, or until one that
// was deleted is forgotten. Groups of other CRDs may be on their way in or out
// meanwhile, which discovery tells as an error beside what it knows.
func (b *box) served(t *testing.T, group, name string, want bool) {
	t.Helper()
	eventually(t, func(context.Context) (bool, error) {
		_, resources, err := b.client().Discovery().ServerGroupsAndResources()
		if failed, partly := discovery.GroupDiscoveryFailedErrorGroups(err); partly {
			for gv := range failed {
				if gv.Group == group {
					return false, nil
				}
			}
		} else if err != nil {
			return false, nil
		}
		return want == slices.ContainsFunc(resources, func(list *metav1.APIResourceList) bool {
			return strings.HasPrefix(list.GroupVersion, group+"/") &&
				slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name+"."+group == name })
		}), nil
	})
}

func eventually(t *testing.T, done func(context.Context) (bool, error)) {
	t.Helper()
	// Cleanups call this when the test's own context is done.
	err := poll.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		ok, err := done(ctx)
		if !ok {
			err = nil
		}
		return ok, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// crd defines a namespaced or cluster-wide kind without a schema.
func crd(plural, group, kind, version string) string {
	scope := "Namespaced"
	if strings.Contains(group, "projectcalico") {
		scope = "Cluster"
	}
	return fmt.Sprintf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[1]s.%[2]s}
spec:
  group: %[2]s
  scope: %[5]s
  names: {plural: %[1]s, singular: %[6]s, kind: %[3]s, listKind: %[3]sList}
  versions: [{name: %[4]s, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`, plural, group, kind, version, scope, strings.ToLower(kind))
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
