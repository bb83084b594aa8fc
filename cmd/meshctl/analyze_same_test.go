package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// sameLive puts what the fixtures of the rules have wrong into the cluster, as
// far as its API server takes it, and wants the same findings as of the files.
func (b *box) sameLive(t *testing.T) {
	b.gatewayAPI(t)
	server := b.apiServer(t)
	base := server.all(t)
	broken := server.create(t, fixtureObjects(t))
	ours := map[string]bool{}
	for _, o := range broken {
		ours[keyIn(o)] = true
	}
	offline := meshctl(t, "analyze", "--complete", "-o", "json", writeList(t, "mesh.yaml", append(base, broken...))).wants(t, exitFindings).report(t)
	live := b.meshctl("analyze", "--live", "-o", "json").wants(t, exitFindings).report(t)
	want, families := findingsAt(offline, ours)
	got, _ := findingsAt(live, ours)
	t.Logf("%d objects, %d findings of %d rules", len(broken), len(want), len(families))
	if diff := gocmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
		t.Errorf("findings in files (-) and in the cluster (+) differ:\n%s", diff)
	}
	for _, r := range offline.Rules {
		if o := outcome(t, live, r.ID); (o.Outcome == report.Skipped) != (r.Outcome == report.Skipped) {
			t.Errorf("%s: %s %s in files, %s %s in the cluster", r.ID, r.Outcome, r.Reason, o.Outcome, o.Reason)
		}
	}
	if len(families) < 60 {
		t.Errorf("only %d rules have a finding", len(families))
	}
}

func keyIn(o *unstructured.Unstructured) string { return snapshot.KeyOf(o).String() }

// findingsAt are the findings about some objects, and the rules that have them.
func findingsAt(r *report.Report, objects map[string]bool) (texts []string, ids map[string]bool) {
	ids = map[string]bool{}
	for _, f := range r.Findings {
		// IST0171 is about the status, which istiod writes in the cluster only;
		// the others ask whether a pod was made, or only is to be.
		if objects[f.At.Object] && !slices.Contains([]string{"IST0171", "INJ004", "INJ008"}, f.Rule) {
			texts = append(texts, f.Rule+" "+f.At.Object+" "+f.At.Path+": "+f.Message)
			ids[f.Rule] = true
		}
	}
	slices.Sort(texts)
	return texts, ids
}

// fixtureObjects are the objects of the bad fixtures of rules that look at
// objects, each fixture in namespaces of its own.
func fixtureObjects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	for _, r := range rules.All() {
		if !r.In(rule.Analyze) || r.In(rule.Validate) || strings.HasPrefix(r.ID, "DOC") {
			continue
		}
		dirs, err := filepath.Glob(filepath.Join("..", "..", "testdata", "rules", r.ID, "bad*"))
		if err != nil {
			t.Fatal(err)
		}
		for i, dir := range dirs {
			out = append(out, fixtureOf(t, dir, fmt.Sprintf("-%s-%d", strings.ToLower(r.ID), i))...)
		}
	}
	return out
}

// fixtureOf reads a folder. Its namespaces get a suffix, in all its text.
func fixtureOf(t *testing.T, dir, suffix string) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, file := range files {
		if filepath.Base(file) == "cluster.yaml" {
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, "\n---\n"...), data...)
	}
	for _, ns := range namespacesIn(objectsIn(text)) {
		text = regexp.MustCompile(`\b`+regexp.QuoteMeta(ns)+`\b`).ReplaceAll(text, []byte(ns+suffix))
	}
	return objectsIn(text)
}

var documentEnd = regexp.MustCompile(`(?m)^---.*$`)

// objectsIn are the objects of a text of kinds that are looked at.
func objectsIn(text []byte) []*unstructured.Unstructured {
	kinds := snapshot.KindsByName()
	var out []*unstructured.Unstructured
	var take func(map[string]any)
	take = func(object map[string]any) {
		o := &unstructured.Unstructured{Object: object}
		if items, _, _ := unstructured.NestedSlice(object, "items"); o.GetKind() == "List" {
			for _, item := range items {
				take(item.(map[string]any))
			}
		}
		// What has an owner that is not there is soon collected.
		if _, known := kinds[o.GroupVersionKind().GroupKind()]; known && o.GetName() != "" && len(o.GetOwnerReferences()) == 0 {
			out = append(out, o)
		}
	}
	for _, part := range documentEnd.Split(string(text), -1) {
		data, err := yaml.YAMLToJSON([]byte(part))
		var object map[string]any
		if err == nil && json.Unmarshal(data, &object) == nil && object != nil {
			take(object)
		}
	}
	return out
}

func namespacesIn(objects []*unstructured.Unstructured) []string {
	var out []string
	for _, o := range objects {
		ns := o.GetNamespace()
		if o.GetKind() == "Namespace" {
			ns = o.GetName()
		}
		if !slices.Contains([]string{"", "default", "istio-system", "kube-system"}, ns) && !slices.Contains(out, ns) {
			out = append(out, ns)
		}
	}
	return out
}

// writeList writes objects as a cluster lists them: some findings name the first
// of several.
func writeList(t *testing.T, name string, objects []*unstructured.Unstructured) string {
	t.Helper()
	var b bytes.Buffer
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int {
		return cmp.Or(strings.Compare(a.GetNamespace(), b.GetNamespace()), strings.Compare(a.GetName(), b.GetName()))
	})
	for _, o := range objects {
		data, err := o.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "---\n%s\n", data)
	}
	return writeFile(t, name, b.String())
}

// gatewayAPI defines the kinds of the Gateway API.
func (b *box) gatewayAPI(t *testing.T) {
	t.Helper()
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(module)), "tests", "integration", "pilot", "testdata", "gateway-api-crd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	definitions := b.kind(t, "apiextensions.k8s.io/v1", "customresourcedefinitions")
	for _, part := range documentEnd.Split(string(text), -1) {
		if !strings.Contains(part, "kind: CustomResourceDefinition") {
			continue
		}
		if _, err := definitions.Create(t.Context(), object(t, part), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	kind := schema.GroupKind{Group: "gateway.networking.x-k8s.io", Kind: "XMesh"} // the last of them
	for deadline := time.Now().Add(time.Minute); b.apiServer(t).of(kind, "") == nil; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the Gateway API is not served within a minute")
		}
	}
}

// apiServer reaches objects of all kinds that are looked at.
type apiServer struct {
	dynamic.Interface
	kinds []*restmapper.APIGroupResources
}

func (b *box) apiServer(t *testing.T) apiServer {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	cfg.UserAgent, cfg.QPS = "somebody-else", -1
	c, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := restmapper.GetAPIGroupResources(b.client().Discovery())
	if err != nil {
		t.Fatal(err)
	}
	return apiServer{c, groups}
}

// of reaches a kind; nil where the server does not have it.
func (s apiServer) of(gk schema.GroupKind, namespace string, versions ...string) dynamic.ResourceInterface {
	m, err := restmapper.NewDiscoveryRESTMapper(s.kinds).RESTMapping(gk, versions...)
	if err != nil {
		return nil
	}
	return s.Resource(m.Resource).Namespace(namespace)
}

// all are the objects of all kinds that are looked at, and the mesh config.
func (s apiServer) all(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	add := func(gk schema.GroupKind, keep func(*unstructured.Unstructured) bool) {
		r := s.of(gk, "")
		if r == nil {
			return
		}
		list, err := r.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range list.Items {
			if keep(&list.Items[i]) {
				out = append(out, &list.Items[i])
			}
		}
	}
	for gk := range snapshot.KindsByName() {
		add(gk, func(*unstructured.Unstructured) bool { return true })
	}
	add(schema.GroupKind{Kind: "ConfigMap"}, func(o *unstructured.Unstructured) bool {
		return o.GetName() == "istio" || snapshot.IsInjector(o.GetName())
	})
	add(schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}, func(*unstructured.Unstructured) bool { return true })
	for _, kind := range []string{"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"} {
		add(schema.GroupKind{Group: "admissionregistration.k8s.io", Kind: kind}, func(*unstructured.Unstructured) bool { return true })
	}
	return out
}

// create puts objects into the cluster, with their namespaces, and returns those
// that the server took.
func (s apiServer) create(t *testing.T, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	have := map[string]bool{}
	var spaces, others []*unstructured.Unstructured
	for _, o := range objects {
		switch key := keyIn(o); {
		case have[key]:
		case o.GetKind() == "Namespace":
			spaces = append(spaces, o)
			have[key] = true
		default:
			others = append(others, o)
			have[key] = true
		}
	}
	for _, ns := range namespacesIn(others) {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace"}}
		o.SetName(ns)
		if !have[keyIn(o)] {
			spaces = append(spaces, o)
		}
	}
	return append(s.each(t, spaces), s.each(t, others)...)
}

func (s apiServer) each(t *testing.T, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	taken := make([]bool, len(objects))
	var wg sync.WaitGroup
	slots := make(chan bool, 8)
	for i, o := range objects {
		slots <- true
		wg.Go(func() {
			defer func() { <-slots }()
			taken[i] = s.one(t, o)
		})
	}
	wg.Wait()
	var out []*unstructured.Unstructured
	for i, o := range objects {
		if taken[i] {
			out = append(out, o)
		}
	}
	return out
}

func (s apiServer) one(t *testing.T, o *unstructured.Unstructured) bool {
	k := snapshot.KindsByName()[o.GroupVersionKind().GroupKind()]
	ns := o.GetNamespace()
	if ns == "" && !k.Everywhere {
		ns = "default"
		o.SetNamespace(ns)
	}
	r := s.of(o.GroupVersionKind().GroupKind(), ns, o.GroupVersionKind().Version)
	if r == nil {
		return false
	}
	made, err := r.Create(t.Context(), o, metav1.CreateOptions{FieldValidation: "Strict"})
	if err != nil {
		t.Logf("left out: %s: %.150s", keyIn(o), err)
		return false
	}
	o.SetCreationTimestamp(made.GetCreationTimestamp()) // the older of two wins, which files cannot say
	return true
}
