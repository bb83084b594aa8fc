package live

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
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
	image := snapshot.FieldChange{Path: "spec.template.spec.containers[discovery].image", Live: "harbor.example.com/istio/pilot:1.31.0", Want: "docker.io/istio/pilot:1.31.0"}
	pull := `pod istiod-1: container discovery: ErrImagePull of docker.io/istio/pilot:1.31.0`
	for name, tc := range map[string]struct {
		live    snapshot.LiveObject
		outcome report.Outcome
		text    string
	}{
		"as rendered":                    {ready(wanted), report.Passed, ""},
		"missing":                        {snapshot.LiveObject{}, report.Failed, "Deployment/istio-system/istiod is missing"},
		"image never ready":              {snapshot.LiveObject{Object: wanted, Cause: pull}, report.Failed, "is not ready: " + pull},
		"another image":                  {ready(deployment("docker.io/istio/pilot:1.30.0", 1)), report.Failed, "runs image docker.io/istio/pilot:1.30.0, expected is docker.io/istio/pilot:1.31.0"},
		"another registry, by admission": {ready(deployment("harbor.example.com/istio/pilot:1.31.0", 1)), report.Passed, ""},
		"another registry, by hand": {ready(deployment("harbor.example.com/istio/pilot:1.31.0", 1), image), report.Failed,
			"runs image harbor.example.com/istio/pilot:1.31.0"},
		"switched off":   {ready(deployment("docker.io/istio/pilot:1.31.0", 0)), report.Failed, "is scaled to 0 replicas"},
		"changed":        {ready(wanted, snapshot.FieldChange{Path: "spec.paused", Live: "true", Want: "(none)"}), report.Failed, `was changed: spec.paused is "true", expected is "(none)"`},
		"not to be seen": {snapshot.LiveObject{Unknown: "forbidden"}, report.Skipped, "forbidden"},
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

// TestPartlyReady wants a workload of which some pods work to be a warning:
// nodes are drained and join, and autoscalers add pods, all the time. A rollout
// that is not through is an error.
func TestPartlyReady(t *testing.T) {
	for name, tc := range map[string]struct {
		kind   string
		status map[string]any
		want   finding.Severity
	}{
		"one of two was evicted":     {"Deployment", map[string]any{"replicas": int64(2), "updatedReplicas": int64(2), "availableReplicas": int64(1)}, finding.Warning},
		"old pods work on":           {"Deployment", map[string]any{"replicas": int64(3), "updatedReplicas": int64(1), "availableReplicas": int64(2)}, finding.Error},
		"no pod works":               {"Deployment", map[string]any{"replicas": int64(2), "updatedReplicas": int64(2)}, finding.Error},
		"a change was not seen":      {"Deployment", map[string]any{"observedGeneration": int64(1), "replicas": int64(2), "updatedReplicas": int64(2), "availableReplicas": int64(1)}, finding.Error},
		"a node joins":               {"DaemonSet", map[string]any{"desiredNumberScheduled": int64(5), "updatedNumberScheduled": int64(5), "numberAvailable": int64(4)}, finding.Warning},
		"an update of the agents":    {"DaemonSet", map[string]any{"desiredNumberScheduled": int64(5), "updatedNumberScheduled": int64(2), "numberAvailable": int64(4)}, finding.Error},
		"no agent works on any node": {"DaemonSet", map[string]any{"desiredNumberScheduled": int64(5), "updatedNumberScheduled": int64(5)}, finding.Error},
	} {
		if tc.status["observedGeneration"] == nil {
			tc.status["observedGeneration"] = int64(2)
		}
		o := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": tc.kind, "metadata": map[string]any{"name": "x", "namespace": "istio-system", "generation": int64(2)},
			"spec": map[string]any{"replicas": int64(2)}, "status": tc.status,
		}}
		s := &snapshot.Snapshot{Rendered: []snapshot.Manifest{{Object: o}}, Live: map[snapshot.Key]snapshot.LiveObject{snapshot.KeyOf(o): {Object: o}}}
		s.Provide(snapshot.Rendered)
		s.Provide(snapshot.Live)
		rep := engine.Run([]*rule.Rule{objectsAsRendered()}, s, engine.Options{Stage: rule.Verify})
		if len(rep.Findings) != 1 || rep.Findings[0].Severity != tc.want {
			t.Errorf("%s: %v, want one %s", name, rep.Findings, tc.want)
		}
	}
}

// TestMissingOnce wants a missing ConfigMap to be said by POST001 alone, and
// not also by what istiod works with instead.
func TestMissingOnce(t *testing.T) {
	config := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "istio", "namespace": "istio-system"}, "data": map[string]any{"mesh": "accessLogFile: /dev/stdout\n"}}}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "istiod-1", Namespace: "istio-system"}}
	for unknown, want := range map[string]report.Outcome{"": report.Skipped, "forbidden": report.Failed} {
		s := &snapshot.Snapshot{Rendered: []snapshot.Manifest{{Object: config}}, Live: map[snapshot.Key]snapshot.LiveObject{snapshot.KeyOf(config): {Unknown: unknown}}}
		s.MeshInEffect = []snapshot.Told[[]byte]{{Pod: pod, Value: []byte("{}")}}
		for _, p := range meshConfigInEffect().Needs {
			s.Provide(p)
		}
		if got := engine.Run([]*rule.Rule{meshConfigInEffect()}, s, engine.Options{Stage: rule.Verify}).Rules[0].Outcome; got != want {
			t.Errorf("%q: %s, want %s", unknown, got, want)
		}
	}
}

// TestClause wants a long cause to leave the line readable.
func TestClause(t *testing.T) {
	long := "forwarding a port: unable to upgrade connection: error dialing backend: proxy error from egress.sock while dialing worker-1:10250"
	for text, want := range map[string]string{
		"pods/portforward is\n forbidden": "pods/portforward is forbidden",
		long:                              "forwarding a port: unable to upgrade connection: error dialing backend: proxy ...",
	} {
		if got := clause(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
