package cluster

import (
	"context"
	"crypto/rand"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// probe sends two requests as server-side dry-runs and records what came
// back: a VirtualService that istiod must refuse, and a pod that it must
// inject.
func probe(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) {
	for _, cfg := range s.Configs {
		if !installsIstiod(s.Rendered) {
			s.Miss(snapshot.Probes, "probes: this configuration installs no istiod")
			return
		}
		name := "meshctl-probe-" + strings.ToLower(rand.Text()[:8])
		s.Probes = append(s.Probes,
			send(ctx, c, snapshot.ValidationProbe, cfg.Revision(), invalidVirtualService(name, cfg)),
			send(ctx, c, snapshot.InjectionProbe, cfg.Revision(), bystander(name, cfg, s)),
		)
	}
	s.Provide(snapshot.Probes)
}

func installsIstiod(manifests []snapshot.Manifest) bool {
	for _, m := range manifests {
		if m.Object.GetKind() == "Deployment" && m.Object.GetLabels()["app"] == "istiod" {
			return true
		}
	}
	return false
}

func send(ctx context.Context, c *kube.Client, name, revision string, o *unstructured.Unstructured) snapshot.Probe {
	p := snapshot.Probe{Name: name, Revision: revision, Namespace: o.GetNamespace()}
	back, err := c.CreateDryRun(ctx, o)
	switch {
	case err == nil:
		p.Object = back
	case kube.Denied(err):
		p.Denied = kube.Message(err)
	default:
		p.Failed = reason(err)
	}
	return p
}

// invalidVirtualService has a weight that the CRD's schema lets through and
// istiod's webhook refuses.
func invalidVirtualService(name string, cfg *snapshot.Config) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
		"metadata": map[string]any{"name": name, "namespace": cfg.Namespace()},
		"spec": map[string]any{
			"hosts": []any{"probe.meshctl.invalid"},
			"http": []any{map[string]any{"route": []any{map[string]any{
				"destination": map[string]any{"host": "probe.meshctl.invalid"}, "weight": int64(-1),
			}}}},
		},
	}}
	if rev := cfg.Revision(); rev != "" {
		o.SetLabels(map[string]string{"istio.io/rev": rev})
	}
	return o
}

// bystander is a plain pod in a namespace with injection for this revision,
// or, where there is none, one that asks for injection itself.
func bystander(name string, cfg *snapshot.Config, s *snapshot.Snapshot) *unstructured.Unstructured {
	rev := cfg.Revision()
	labels := map[string]any{"app": name}
	ns := injected(s.Namespaces, rev)
	if ns == "" {
		ns = "default"
		labels["sidecar.istio.io/inject"] = "true"
		if rev != "" {
			labels["istio.io/rev"] = rev
		}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": name, "namespace": ns, "labels": labels},
		"spec": map[string]any{"containers": []any{map[string]any{
			"name": "app", "image": "registry.invalid/app:1",
		}}},
	}}
}

func injected(namespaces []*unstructured.Unstructured, revision string) string {
	for _, ns := range namespaces {
		l := ns.GetLabels()
		if revision == "" && l["istio-injection"] == "enabled" || revision != "" && l["istio-injection"] == "" && l["istio.io/rev"] == revision {
			return ns.GetName()
		}
	}
	return ""
}
