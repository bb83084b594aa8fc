package platform_test

import (
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/platform"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestWebhookFirewall wants a firewall to be thought of where a webhook timed
// out on a cloud that has one, and nowhere else.
func TestWebhookFirewall(t *testing.T) {
	const timeout = `Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": context deadline exceeded`
	for name, c := range map[string]struct{ platform, failed, want string }{
		"GKE":         {"gke", timeout, "add tcp:15017"},
		"EKS":         {"eks", timeout, "security group"},
		"kind":        {"kind", timeout, ""},
		"refused":     {"gke", `failed calling webhook "rev.validation.istio.io": no endpoints available for service "istiod"`, ""},
		"another's":   {"gke", strings.Replace(timeout, "rev.namespace.sidecar-injector.istio.io", "validate.kyverno.svc-fail", 1), ""},
		"a quota":     {"gke", "exceeded quota: deadline exceeded", ""},
		"all is well": {"gke", "", ""},
	} {
		s := &snapshot.Snapshot{Target: snapshot.Target{Platform: c.platform}, Probes: []snapshot.Probe{{Name: snapshot.InjectionProbe, Failed: c.failed}}}
		s.Provide(snapshot.Platform)
		s.Provide(snapshot.Probes)
		rep := engine.Run(platform.All(), s, engine.Options{Stage: rule.Verify, Select: []string{"PLT005"}})
		if got := messages(rep); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
