package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// controllers are kinds whose objects controllers make and renew by themselves.
var controllers = []string{"events", "leases", "pods", "replicasets", "controllerrevisions", "endpoints", "endpointslices", "nodes", "componentstatuses", "ipaddresses"}

// dump is every object of the cluster, by kind and name, without what no
// rollback can or should put back: versions, times, status, and what
// controllers note about their own work.
func (b *box) dump(t *testing.T) map[string]string {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	cfg.QPS, cfg.Burst = 200, 400
	client, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := discovery.NewDiscoveryClientForConfigOrDie(cfg).ServerPreferredResources()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, list := range lists {
		group, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			if !slices.Contains(r.Verbs, "list") || slices.Contains(controllers, r.Name) {
				continue
			}
			objects, err := client.Resource(group.WithResource(r.Name)).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range objects.Items {
				o := &objects.Items[i]
				out[r.Name+"/"+o.GetNamespace()+"/"+o.GetName()] = lasting(t, o)
			}
		}
	}
	return out
}

func lasting(t *testing.T, o *unstructured.Unstructured) string {
	t.Helper()
	managers := slices.DeleteFunc(o.GetManagedFields(), func(m metav1.ManagedFieldsEntry) bool { return m.Subresource != "" })
	for i := range managers {
		managers[i].Time = nil
	}
	slices.SortFunc(managers, func(a, b metav1.ManagedFieldsEntry) int {
		return strings.Compare(a.Manager+string(a.Operation), b.Manager+string(b.Operation))
	})
	o.SetManagedFields(managers)
	for _, f := range []string{"resourceVersion", "uid", "generation", "creationTimestamp"} {
		unstructured.RemoveNestedField(o.Object, "metadata", f)
	}
	unstructured.RemoveNestedField(o.Object, "metadata", "annotations", "deployment.kubernetes.io/revision")
	delete(o.Object, "status")
	if strings.HasPrefix(o.GetName(), "meshctl-") && o.GetKind() == "Secret" {
		delete(o.Object, "data") // the record of an installation holds its time
	}
	text, err := json.MarshalIndent(o.Object, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// same compares two dumps; "" if they are alike.
func same(before, after map[string]string) string { return cmp.Diff(before, after) }
