package mesh_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestElsewhere wants the gateways of Istio's charts for possible where the
// files have nothing of an installation, and nowhere else.
func TestElsewhere(t *testing.T) {
	files := map[string]snapshot.Origin{}
	istiod := &appsv1.Deployment{}
	istiod.Spec.Template.Labels = map[string]string{"app": "istiod"}
	for _, c := range []struct {
		name  string
		snap  snapshot.Snapshot
		label string
		want  bool
	}{
		{"files of an application", snapshot.Snapshot{Origins: files}, "ingressgateway", true},
		{"no name of Istio's", snapshot.Snapshot{Origins: files}, "ingresstypo", false},
		{"with istiod", snapshot.Snapshot{Origins: files, Objects: snapshot.Objects{Deployments: []*appsv1.Deployment{istiod}}}, "ingressgateway", false},
		{"a cluster", snapshot.Snapshot{}, "ingressgateway", false},
	} {
		if got := mesh.Of(&c.snap).Elsewhere(map[string]string{"istio": c.label}); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
