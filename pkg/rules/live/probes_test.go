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

// injectedPod is what a dry run comes back with.
func injectedPod(annotations map[string]string, containers ...string) *unstructured.Unstructured {
	var list []any
	for _, name := range containers {
		list = append(list, map[string]any{"name": name, "image": "docker.io/istio/proxyv2:1.31.0"})
	}
	o := &unstructured.Unstructured{Object: map[string]any{"kind": "Pod", "spec": map[string]any{"containers": list}}}
	o.SetAnnotations(annotations)
	return o
}

// TestProbes judges answers that only an API server gives.
func TestProbes(t *testing.T) {
	tag := snapshot.Key{Kind: "MutatingWebhookConfiguration", Name: "istio-revision-tag-prod"}
	validator := snapshot.Key{Kind: "ValidatingWebhookConfiguration", Name: "istio-validator"}
	const kyverno = `Internal error occurred: failed calling webhook "mutate.kyverno.svc-fail": failed to call webhook: Post "https://kyverno-svc.kyverno.svc:443/mutate/fail?timeout=10s": no endpoints available for service "kyverno-svc"`
	merged := map[string]string{"sidecar.istio.io/status": "{}", "prometheus.io/scrape": "true", "prometheus.io/port": "15020", "prometheus.io/path": "/stats/prometheus"}
	unmerged := map[string]string{"sidecar.istio.io/status": "{}", "prometheus.io/scrape": "true", "prometheus.io/port": "8080", "prometheus.io/path": "/metrics"}
	tagged := injectedPod(nil, "app")
	_ = unstructured.SetNestedSlice(tagged.Object, []any{map[string]any{"name": "istio-proxy", "image": "harbor.example.com/istio/proxyv2:1.30.0"}}, "spec", "containers")
	injector := &unstructured.Unstructured{Object: map[string]any{"kind": "ConfigMap", "metadata": map[string]any{"name": "istio-sidecar-injector"},
		"data": map[string]any{"values": `{"global": {"hub": "harbor.example.com/istio", "tag": "1.31.0", "proxy": {"image": "proxyv2"}}}`}}}
	for name, tc := range map[string]struct {
		rule    string
		probe   snapshot.Probe
		outcome report.Outcome
		text    string
	}{
		"injected":               {"POST010", snapshot.Probe{Name: snapshot.InjectionProbe, For: tag, Object: injectedPod(nil, "app", "istio-proxy")}, report.Passed, "1 webhook configuration"},
		"not injected":           {"POST010", snapshot.Probe{Name: snapshot.InjectionProbe, For: tag, Namespace: "prod", Object: injectedPod(nil, "app")}, report.Failed, "came back without a sidecar"},
		"not reached":            {"POST010", snapshot.Probe{Name: snapshot.InjectionProbe, For: tag, Revision: "1-30", Failed: `Internal error occurred: failed calling webhook "rev.object.sidecar-injector.istio.io": x509: unknown authority`}, report.Failed, "cannot call the webhook of revision 1-30"},
		"another not reached":    {"POST010", snapshot.Probe{Name: snapshot.InjectionProbe, For: tag, Revision: "1-30", Failed: kyverno}, report.Skipped, "mutate.kyverno.svc-fail"},
		"quota":                  {"POST010", snapshot.Probe{Name: snapshot.InjectionProbe, For: tag, Failed: "exceeded quota"}, report.Skipped, "exceeded quota"},
		"refused":                {"POST010", snapshot.Probe{Name: snapshot.ValidationProbe, For: validator, Denied: `admission webhook "rev.validation.istio.io" denied the request`}, report.Passed, ""},
		"accepted":               {"POST010", snapshot.Probe{Name: snapshot.ValidationProbe, For: validator, Object: injectedPod(nil)}, report.Failed, "was accepted"},
		"another denies":         {"POST010", snapshot.Probe{Name: snapshot.ValidationProbe, For: validator, Denied: "policy.example.com denied the request"}, report.Skipped, "another webhook"},
		"refused, as is right":   {"POST005", snapshot.Probe{Name: snapshot.ValidationProbe, Denied: `admission webhook "rev.validation.istio.io" denied the request`}, report.Passed, "was refused"},
		"taken":                  {"POST005", snapshot.Probe{Name: snapshot.ValidationProbe, Object: injectedPod(nil)}, report.Failed, "an invalid VirtualService was accepted"},
		"validation not reached": {"POST005", snapshot.Probe{Name: snapshot.ValidationProbe, Failed: `failed calling webhook "rev.validation.istio.io": no endpoints available`}, report.Failed, "cannot call istiod's webhook"},
		"policy not reached":     {"POST005", snapshot.Probe{Name: snapshot.ValidationProbe, Failed: kyverno}, report.Skipped, "mutate.kyverno.svc-fail"},
		"validation forbidden":   {"POST005", snapshot.Probe{Name: snapshot.ValidationProbe, Failed: "forbidden"}, report.Skipped, "forbidden"},
		"pod without sidecar":    {"POST006", snapshot.Probe{Name: snapshot.InjectionProbe, Object: injectedPod(nil, "app")}, report.Failed, "came back without a sidecar"},
		"injector not reached":   {"POST006", snapshot.Probe{Name: snapshot.InjectionProbe, Failed: `failed calling webhook "namespace.sidecar-injector.istio.io": no endpoints available`}, report.Failed, "cannot call istiod's webhook"},
		"mutator not reached":    {"POST006", snapshot.Probe{Name: snapshot.InjectionProbe, Failed: kyverno}, report.Skipped, "mutate.kyverno.svc-fail"},
		"pod refused by others":  {"POST006", snapshot.Probe{Name: snapshot.InjectionProbe, Denied: "policy.example.com denied the request"}, report.Skipped, "policy.example.com"},
		"image of a mirror":      {"POST006", snapshot.Probe{Name: snapshot.InjectionProbe, Object: injectedPod(nil, "app", "istio-proxy")}, report.Skipped, "whether the cluster changes registries"},
		"image of another tag":   {"POST006", snapshot.Probe{Name: snapshot.InjectionProbe, Object: tagged}, report.Failed, "expected is harbor.example.com/istio/proxyv2:1.31.0"},
		"merged":                 {"OBS009", snapshot.Probe{Name: snapshot.InjectionProbe, Object: injectedPod(merged, "istio-proxy")}, report.Passed, "port 15020"},
		"not merged":             {"OBS009", snapshot.Probe{Name: snapshot.InjectionProbe, Object: injectedPod(unmerged, "istio-proxy")}, report.Failed, `prometheus.io/port is "8080", expected is "15020"`},
		"no sidecar":             {"OBS009", snapshot.Probe{Name: snapshot.InjectionProbe, Object: injectedPod(nil, "app")}, report.Skipped, "no probe's pod was injected"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &snapshot.Snapshot{Probes: []snapshot.Probe{tc.probe}, Rendered: []snapshot.Manifest{{Object: injector}}}
			s.RevisionProbes = s.Probes
			for _, part := range []snapshot.Part{snapshot.Probes, snapshot.RevisionProbes, snapshot.Rendered} {
				s.Provide(part)
			}
			rep := engine.Run(All(), s, engine.Options{Stage: rule.Verify, Select: []string{tc.rule}})
			text := rep.Rules[0].Reason
			for _, f := range rep.Findings {
				text += f.Message
			}
			if rep.Rules[0].Outcome != tc.outcome || !strings.Contains(text, tc.text) {
				t.Errorf("%s: %q, want %s with %q", rep.Rules[0].Outcome, text, tc.outcome, tc.text)
			}
		})
	}
}

// TestGapsAreNotPasses takes every part away from every rule.
func TestGapsAreNotPasses(t *testing.T) {
	for _, r := range All() {
		for _, part := range r.Needs {
			s := &snapshot.Snapshot{}
			for _, p := range r.Needs {
				s.Provide(p)
			}
			s.Miss(part, "forbidden")
			rep := engine.Run([]*rule.Rule{r}, s, engine.Options{Stage: rule.Verify})
			if rep.Rules[0].Outcome != report.Skipped || rep.Rules[0].Reason != "forbidden" {
				t.Errorf("%s without %s: %+v", r.ID, part, rep.Rules[0])
			}
		}
	}
}
