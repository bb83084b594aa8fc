package cluster

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// picture is a ready cluster that every rule passes on; each test spoils one
// thing.
func picture(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	root := document.Parse("istio.yaml", []byte("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n"))[0].Root
	s := &snapshot.Snapshot{
		Now:     time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
		Target:  snapshot.Target{Istio: facts.Embedded(), Kubernetes: "v1.34.2-eks-abc", Context: "test"},
		Configs: []*snapshot.Config{{Istio: facts.Embedded(), Root: root, Effective: root}},
		Access:  []snapshot.AccessAnswer{{Verb: "create", Group: "apps", Resource: "deployments", Namespace: "istio-system", Allowed: true}},
	}
	for _, p := range []snapshot.Part{snapshot.ServerVersion, snapshot.Configuration, snapshot.Rendered, snapshot.Access, snapshot.Kinds, snapshot.CRDs, snapshot.Namespaces, snapshot.ControlPlanes, snapshot.Running, snapshot.Webhooks, snapshot.DryRuns, snapshot.Unserved, snapshot.Leftovers} {
		s.Provide(p)
	}
	return s
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

func istiod(t *testing.T, namespace, rev, tag string) *unstructured.Unstructured {
	t.Helper()
	return object(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod, namespace: `+namespace+`, labels: {app: istiod, istio.io/rev: `+rev+`}},
spec: {template: {spec: {containers: [{name: discovery, image: "docker.io/istio/pilot:`+tag+`"}]}}}}`)
}

func gatewayCRD(name, bundle string) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Name: name + ".gateway.networking.k8s.io", Annotations: map[string]string{"gateway.networking.k8s.io/bundle-version": bundle},
	}}
}

func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// tried makes istiod's Deployment the installation, with an answer to its dry
// run.
func tried(s *snapshot.Snapshot, d snapshot.DryRun) {
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "istiod", "namespace": "istio-system"},
	}}
	s.Rendered = []snapshot.Manifest{{Component: "Pilot", Object: o}}
	s.DryRuns = map[snapshot.Key]snapshot.DryRun{snapshot.KeyOf(o): d}
}

// TestUntriedObjects wants what could not be tried to be no pass.
func TestUntriedObjects(t *testing.T) {
	for verdict, want := range map[snapshot.Verdict]string{
		snapshot.Forbidden: "1 of 1 objects could not be tried, because you may not write them", snapshot.Unanswered: "was not answered: too many requests",
	} {
		s := picture(t)
		tried(s, snapshot.DryRun{Verdict: verdict, Reason: "too many requests"})
		rep := engine.Run([]*rule.Rule{objectRefused(), fieldConflict()}, s, engine.Options{Stage: rule.Precheck})
		if rep.Summary.Skipped != 2 || !strings.Contains(rep.Rules[0].Reason, want) {
			t.Errorf("%s: %+v, want skipped with %q", verdict, rep.Rules, want)
		}
	}
}

func TestRules(t *testing.T) {
	for name, tc := range map[string]struct {
		rule  string
		spoil func(*snapshot.Snapshot)
		want  string // part of the finding; "" for none
	}{
		"kubernetes too old": {"PRE001", func(s *snapshot.Snapshot) { s.Target.Kubernetes = "v1.31.9" }, "Kubernetes v1.31.9 is older than 1.32"},
		"oldest kubernetes":  {"PRE001", func(s *snapshot.Snapshot) { s.Target.Kubernetes = "v1.32.0" }, ""},
		"kubernetes too new": {"PRE002", func(s *snapshot.Snapshot) { s.Target.Kubernetes = "v1.37.0-alpha.1" }, "which supports 1.32 to 1.36"},
		"newest kubernetes":  {"PRE002", func(s *snapshot.Snapshot) { s.Target.Kubernetes = "v1.36.0+k3s1" }, ""},
		"running istio past its end": {"PRE003", func(s *snapshot.Snapshot) {
			s.ControlPlanes = append(s.ControlPlanes, istiod(t, "istio-system", "default", "1.24.6-distroless"))
		}, "Istio 1.24, running, reached its end of life on 2025-06-24"},
		"running istio of today": {"PRE003", func(s *snapshot.Snapshot) {
			s.ControlPlanes = append(s.ControlPlanes, istiod(t, "istio-system", "default", "1.30.2"))
		}, ""},
		"running istio is two minors older": {"PRE006", func(s *snapshot.Snapshot) { s.Target.From = facts.Minor{Major: 1, Minor: 29} }, "skips 1.30"},
		"permission denied":                 {"PRE004", func(s *snapshot.Snapshot) { s.Access[0].Allowed = false }, "you may not create deployments.apps in namespace istio-system"},
		"old gateway CRD":                   {"PRE005", func(s *snapshot.Snapshot) { s.CRDs = append(s.CRDs, gatewayCRD("tlsroutes", "v1.4.1")) }, "bundle v1.4.1 is older than 1.5.0"},
		"recent gateway CRD":                {"PRE005", func(s *snapshot.Snapshot) { s.CRDs = append(s.CRDs, gatewayCRD("tlsroutes", "v1.5.0")) }, ""},
		"gateway CRD without minimum":       {"PRE005", func(s *snapshot.Snapshot) { s.CRDs = append(s.CRDs, gatewayCRD("httproutes", "v0.8.0")) }, ""},
		"another revision": {"PRE008", func(s *snapshot.Snapshot) {
			s.ControlPlanes = append(s.ControlPlanes, istiod(t, "istio-system", "canary", "1.31.0"))
		}, "control plane of revision canary runs beside the one to be installed, as in a canary upgrade"},
		"another revision, too old": {"PRE008", func(s *snapshot.Snapshot) {
			s.ControlPlanes = append(s.ControlPlanes, istiod(t, "istio-system", "old", "1.28.6"))
		}, "control plane of revision old runs in namespace istio-system"},
		"same revision, elsewhere": {"PRE008", func(s *snapshot.Snapshot) {
			s.ControlPlanes = append(s.ControlPlanes, istiod(t, "mesh", "default", "1.31.0"))
		}, "runs in namespace mesh"},
		"the one to be upgraded": {"PRE008", func(s *snapshot.Snapshot) {
			s.ControlPlanes = append(s.ControlPlanes, istiod(t, "istio-system", "default", "1.30.0"))
		}, ""},
		"tag without control plane": {"PRE008", func(s *snapshot.Snapshot) {
			s.Webhooks = append(s.Webhooks, object(t, `{apiVersion: v1, kind: MutatingWebhookConfiguration, metadata: {name: istio-revision-tag-prod, labels: {istio.io/tag: prod, istio.io/rev: 1-29}}}`))
		}, "revision tag prod points to revision 1-29"},
		"unknown kind": {"PRE010", func(s *snapshot.Snapshot) {
			s.UnknownKinds = []snapshot.Key{{Group: "k8s.cni.cncf.io", Kind: "NetworkAttachmentDefinition", Name: "istio-cni"}}
		}, "no kind NetworkAttachmentDefinition"},
		"refused object": {"PRE040", func(s *snapshot.Snapshot) {
			tried(s, snapshot.DryRun{Verdict: snapshot.Refused, Reason: `admission webhook "policy.example" denied the request: no owner`})
		}, `the API server refuses Deployment/istio-system/istiod: admission webhook "policy.example" denied the request: no owner`},
		"object of an unknown kind": {"PRE040", func(s *snapshot.Snapshot) { tried(s, snapshot.DryRun{Verdict: snapshot.NoSuchKind}) }, ""},
		"object in a new namespace": {"PRE040", func(s *snapshot.Snapshot) { tried(s, snapshot.DryRun{Verdict: snapshot.Early}) }, ""},
		"field of another manager": {"PRE041", func(s *snapshot.Snapshot) {
			tried(s, snapshot.DryRun{Verdict: snapshot.Accepted, Conflicts: []snapshot.Conflict{{Manager: "argocd-controller", Fields: []string{"a", "b", "c", "d", "e"}}}})
		}, "a, b, c and 2 more of Deployment/istio-system/istiod: argocd-controller has set another value"},
		"field taken from another manager": {"PRE041", func(s *snapshot.Snapshot) {
			s.Settings.TakeOwnership = true
			tried(s, snapshot.DryRun{Verdict: snapshot.Accepted, Conflicts: []snapshot.Conflict{{Manager: "helm", Fields: []string{"a"}}}})
		}, "a of Deployment/istio-system/istiod: taken over from helm"},
		"gateway that is no longer configured": {"PRE042", func(s *snapshot.Snapshot) {
			s.Leftovers = []*unstructured.Unstructured{object(t, `{apiVersion: v1, kind: Service, metadata: {name: entry, namespace: edge, labels: {operator.istio.io/component: IngressGateways}}, status: {loadBalancer: {ingress: [{ip: 192.0.2.7}]}}}`)}
		}, "Service/edge/entry is no longer configured and is deleted: its address 192.0.2.7 is given back"},
		"role that is no longer configured": {"PRE042", func(s *snapshot.Snapshot) {
			s.Leftovers = []*unstructured.Unstructured{object(t, `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: entry, namespace: edge, labels: {operator.istio.io/component: IngressGateways}}}`)}
		}, ""},
		"pod security and injection": {"CNI005", func(s *snapshot.Snapshot) {
			s.Namespaces = append(s.Namespaces, namespace("shop", map[string]string{"istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "baseline"}))
		}, "refuses istio-init"},
		"pod security without mesh": {"CNI005", func(s *snapshot.Snapshot) {
			s.Namespaces = append(s.Namespaces, namespace("shop", map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}))
		}, ""},
		"pod security that only warns": {"CNI005", func(s *snapshot.Snapshot) {
			s.Namespaces = append(s.Namespaces, namespace("shop", map[string]string{"istio-injection": "enabled", "pod-security.kubernetes.io/warn": "baseline"}))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := picture(t)
			tc.spoil(s)
			rep := engine.Run(All(), s, engine.Options{Stage: rule.Precheck, Select: []string{tc.rule}})
			switch {
			case tc.want == "" && len(rep.Findings) > 0:
				t.Errorf("false alarm: %v", rep.Findings)
			case tc.want != "" && (len(rep.Findings) != 1 || !strings.Contains(rep.Findings[0].Message, tc.want)):
				t.Errorf("findings %v, want one with %q", rep.Findings, tc.want)
			}
		})
	}
}

// TestAReadyCluster wants silence, and nothing left open, where all is well.
func TestAReadyCluster(t *testing.T) {
	rep := engine.Run(All(), picture(t), engine.Options{Stage: rule.Precheck})
	if rep.Summary.Passed != len(All()) || len(rep.Findings) > 0 {
		t.Errorf("%+v %v", rep.Rules, rep.Findings)
	}
}

// TestGapsAreNotPasses takes every part away in turn.
func TestGapsAreNotPasses(t *testing.T) {
	blind := picture(t)
	blind.Miss(snapshot.ControlPlanes, "forbidden")
	if rep := engine.Run([]*rule.Rule{istioEndOfLife()}, blind, engine.Options{Stage: rule.Precheck}); rep.Rules[0].Reason != "forbidden" {
		t.Errorf("control planes that may not be read: %+v", rep.Rules[0])
	}
	for _, r := range All() {
		for _, part := range r.Needs {
			s := picture(t)
			s.Miss(part, "forbidden")
			rep := engine.Run([]*rule.Rule{r}, s, engine.Options{Stage: rule.Precheck})
			if rep.Summary.Passed > 0 || rep.Rules[0].Reason != "forbidden" {
				t.Errorf("%s without %s: %+v", r.ID, part, rep.Rules[0])
			}
		}
	}
}
