package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// state is what a cluster holds: each object with its text, without what
// controllers and the server keep for themselves.
type state map[string]string

func (s state) of(kind string) int {
	n := 0
	for key := range s {
		if strings.HasPrefix(key, kind+"/") {
			n++
		}
	}
	return n
}

// lastingState reads what an installation could have changed. Helm's records are left
// out: its history goes on by design.
func (b *box) lastingState(t *testing.T) state {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := b.client().Discovery().ServerPreferredResources()
	if err != nil {
		t.Fatal(err)
	}
	out := state{}
	for _, l := range lists {
		gv, err := schema.ParseGroupVersion(l.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range l.APIResources {
			if !slices.Contains(r.Verbs, "list") || transient(r.Kind) {
				continue
			}
			objects, err := client.Resource(gv.WithResource(r.Name)).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatalf("%s: %v", r.Kind, err)
			}
			for i := range objects.Items {
				out.add(t, &objects.Items[i])
			}
		}
	}
	return out
}

// transient kinds follow from others, or from the time.
func transient(kind string) bool {
	return slices.Contains([]string{"Event", "Lease", "Pod", "ReplicaSet", "ControllerRevision", "Endpoints", "EndpointSlice", "Node", "ComponentStatus", "APIService", "FlowSchema", "PriorityLevelConfiguration", "IPAddress"}, kind)
}

func (s state) add(t *testing.T, o *unstructured.Unstructured) {
	t.Helper()
	if o.GetKind() == "Secret" && strings.HasPrefix(o.GetName(), "sh.helm.release.") || istiodsOwn(o) {
		return
	}
	delete(o.Object, "status")
	for _, field := range []string{"resourceVersion", "generation", "uid", "creationTimestamp", "managedFields"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(o.Object, "metadata", "annotations", "deployment.kubernetes.io/revision")
	text, err := json.Marshal(o.Object)
	if err != nil {
		t.Fatal(err)
	}
	s[o.GetKind()+"/"+o.GetNamespace()+"/"+o.GetName()] = string(text)
}

// istiodsOwn tells what istiod makes by itself: its CA, in every namespace, and
// the locks of its leaders.
func istiodsOwn(o *unstructured.Unstructured) bool {
	return strings.HasPrefix(o.GetName(), "istio-ca-") || o.GetAnnotations()["control-plane.alpha.kubernetes.io/leader"] != ""
}

func sameState(t *testing.T, before, after state) {
	t.Helper()
	for key, text := range before {
		if after[key] != text {
			t.Errorf("%s was\n%s\nand is\n%s", key, text, after[key])
		}
	}
	for key, text := range after {
		if before[key] == "" {
			t.Errorf("%s is new: %s", key, text)
		}
	}
}
