package live

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestObjectsAsRendered gives istiod's Deployment as a cluster has it after
// each thing that happens to one.
func TestObjectsAsRendered(t *testing.T) {
	deployment := func(image string, replicas int64) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "istiod", "namespace": "istio-system"},
			"spec": map[string]any{"replicas": replicas, "template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "discovery", "image": image}}}}},
		}}
	}
	wanted := deployment("docker.io/istio/pilot:1.31.0", 1)
	ready := func(o *unstructured.Unstructured, drift ...snapshot.FieldChange) snapshot.LiveObject {
		return snapshot.LiveObject{Object: o, Ready: true, Drift: drift}
	}
	pull := `pod istiod-1: container discovery: ErrImagePull of docker.io/istio/pilot:1.31.0`
	for name, tc := range map[string]struct {
		live    snapshot.LiveObject
		outcome report.Outcome
		text    string
	}{
		"as rendered":       {ready(wanted), report.Passed, ""},
		"missing":           {snapshot.LiveObject{}, report.Failed, "Deployment/istio-system/istiod is missing"},
		"image never ready": {snapshot.LiveObject{Object: wanted, Cause: pull}, report.Failed, "is not ready: " + pull},
		"another image":     {ready(deployment("docker.io/istio/pilot:1.30.0", 1)), report.Failed, "runs image docker.io/istio/pilot:1.30.0, expected is docker.io/istio/pilot:1.31.0"},
		"switched off":      {ready(deployment("docker.io/istio/pilot:1.31.0", 0)), report.Failed, "is scaled to 0 replicas"},
		"changed":           {ready(wanted, snapshot.FieldChange{Path: "spec.paused", Live: "true", Want: "(none)"}), report.Failed, `was changed: spec.paused is "true", expected is "(none)"`},
		"not to be seen":    {snapshot.LiveObject{Unknown: "forbidden"}, report.Skipped, "forbidden"},
		"not to be compared": {snapshot.LiveObject{Object: wanted, Ready: true, DriftUnknown: "forbidden"}, report.Skipped,
			"cannot be compared: forbidden"},
	} {
		s := &snapshot.Snapshot{Rendered: []snapshot.Manifest{{Component: "Pilot", Object: wanted}}, Live: map[snapshot.Key]snapshot.LiveObject{snapshot.KeyOf(wanted): tc.live}}
		s.Provide(snapshot.Rendered)
		s.Provide(snapshot.Live)
		rep := engine.Run([]*rule.Rule{objectsAsRendered()}, s, engine.Options{Stage: rule.Verify})
		said := rep.Rules[0].Reason + rep.Rules[0].Undecided
		for _, f := range rep.Findings {
			said += f.Message
		}
		if got := rep.Rules[0].Outcome; got != tc.outcome || !strings.Contains(said, tc.text) {
			t.Errorf("%s: %s, %q; want %s, %q", name, got, said, tc.outcome, tc.text)
		}
	}
}
