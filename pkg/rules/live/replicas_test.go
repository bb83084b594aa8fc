package live

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestReplicasOfAnAutoscaler wants replicas that an autoscaler set to be no
// difference, and those that somebody else set to be one.
func TestReplicasOfAnAutoscaler(t *testing.T) {
	for manager, want := range map[string]int{"kube-controller-manager": 0, "kubectl": 1} {
		o := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "istiod", "namespace": "istio-system"},
			"spec": map[string]any{"replicas": int64(1)},
		}}
		live := o.DeepCopy()
		_ = unstructured.SetNestedField(live.Object, int64(3), "spec", "replicas")
		live.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: manager, Subresource: "scale"}})
		s := &snapshot.Snapshot{Rendered: []snapshot.Manifest{{Object: o}}, Live: map[snapshot.Key]snapshot.LiveObject{
			snapshot.KeyOf(o): {Object: live, Ready: true, Drift: []snapshot.FieldChange{{Path: "spec.replicas", Live: "3", Want: "1"}}},
		}}
		s.Provide(snapshot.Rendered)
		s.Provide(snapshot.Live)
		if rep := engine.Run(All(), s, engine.Options{Stage: rule.Verify, Select: []string{"POST001"}}); len(rep.Findings) != want {
			t.Errorf("replicas set by %s: %v", manager, rep.Findings)
		}
	}
}
