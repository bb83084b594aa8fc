package cluster

import (
	"context"
	"crypto/rand"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// probe sends requests as server-side dry-runs and records what came back: a
// VirtualService that istiod must refuse, and a pod that it must inject.
func probe(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	if !installsIstiod(s.Rendered) {
		return gap("this configuration installs no istiod")
	}
	s.Probes = nil
	for _, cfg := range s.Configs {
		name := "meshctl-probe-" + strings.ToLower(rand.Text()[:8])
		validation, err := send(ctx, c, snapshot.ValidationProbe, cfg.Revision(), invalidVirtualService(name, cfg))
		if err != nil {
			return err
		}
		injection, err := inject(ctx, c, name, cfg, s)
		if err != nil {
			return err
		}
		s.Probes = append(s.Probes, validation, injection)
	}
	return nil
}

// inject tries the namespaces that a plain pod may be sent to, one after the
// other, until one takes it: quotas and Pod Security may refuse any pod.
func inject(ctx context.Context, c *kube.Client, name string, cfg *snapshot.Config, s *snapshot.Snapshot) (snapshot.Probe, error) {
	last := snapshot.Probe{Name: snapshot.InjectionProbe, Revision: cfg.Revision(), Failed: "no namespace could be found for a probe's pod"}
	namespaces := s.Namespaces
	if ok, why := s.Has(snapshot.Namespaces); !ok {
		last.Failed = why
		if home := c.Home(ctx); home != nil {
			namespaces = []*corev1.Namespace{home}
		}
	}
	for _, ns := range candidates(namespaces, cfg.Revision()) {
		p, err := send(ctx, c, snapshot.InjectionProbe, cfg.Revision(), bystander(name, cfg.Revision(), ns))
		if err != nil || p.Object != nil || p.Unreached() {
			return p, err
		}
		last = p
	}
	return last, nil
}

func installsIstiod(manifests []snapshot.Manifest) bool {
	for _, m := range manifests {
		if m.Object.GetKind() == "Deployment" && m.Object.GetLabels()["app"] == "istiod" {
			return true
		}
	}
	return false
}

func send(ctx context.Context, c *kube.Client, name, revision string, o *unstructured.Unstructured) (snapshot.Probe, error) {
	p := snapshot.Probe{Name: name, Revision: revision, Namespace: o.GetNamespace()}
	back, err := c.CreateDryRun(ctx, o)
	switch {
	case err == nil:
		p.Object = back
	case kube.Broken(err):
		return p, err
	case kube.Denied(err):
		p.Denied = kube.Message(err)
	default:
		p.Failed = reason(err)
	}
	return p, nil
}

// invalidVirtualService has a weight that the CRD's schema lets through and
// istiod's webhook refuses.
func invalidVirtualService(name string, cfg *snapshot.Config) *unstructured.Unstructured {
	o := invalidRoute(name, cfg.Namespace())
	if rev := cfg.Revision(); rev != "" {
		o.SetLabels(map[string]string{"istio.io/rev": rev})
	}
	return o
}

func invalidRoute(name, namespace string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
		"metadata": map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{
			"hosts": []any{"probe.meshctl.invalid"},
			"http": []any{map[string]any{"route": []any{map[string]any{
				"destination": map[string]any{"host": "probe.meshctl.invalid"}, "weight": int64(-1),
			}}}},
		},
	}}
}

// bystander is a plain pod in a namespace with injection for this revision,
// or one that asks for injection itself.
func bystander(name, revision string, ns *corev1.Namespace) *unstructured.Unstructured {
	labels := map[string]string{"app": name}
	if !injected(ns, revision) {
		labels["sidecar.istio.io/inject"] = "true"
		if revision != "" {
			labels["istio.io/rev"] = revision
		}
	}
	o := plainPod(name, ns.GetName())
	o.SetLabels(labels)
	o.SetAnnotations(scraped())
	return o
}

// scraped are the annotations of an application with metrics of its own, which
// the injector replaces where it merges metrics.
func scraped() map[string]string {
	return map[string]string{"prometheus.io/scrape": "true", "prometheus.io/port": "8080", "prometheus.io/path": "/metrics"}
}

func plainPod(name, namespace string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{"containers": []any{map[string]any{
			"name": "app", "image": "registry.invalid/app:1",
		}}},
	}}
}

// candidates are the namespaces that a probe's pod may go to: first those
// with injection for this revision, then those without any label about it.
// Namespaces of another revision, those that switched injection off, the
// system's own and those on their way out tell nothing.
func candidates(all []*corev1.Namespace, revision string) []*corev1.Namespace {
	var first, then []*corev1.Namespace
	for _, ns := range all {
		labels := ns.GetLabels()
		_, injection := labels["istio-injection"]
		_, rev := labels["istio.io/rev"]
		switch {
		case ns.GetDeletionTimestamp() != nil, strings.HasPrefix(ns.GetName(), "kube-"):
		case injected(ns, revision):
			first = append(first, ns)
		case !injection && !rev:
			then = append(then, ns)
		}
	}
	out := append(first, then...)
	return out[:min(len(out), maxCandidates)]
}

// maxCandidates bounds the tries on a cluster where no namespace takes a pod.
const maxCandidates = 5

func injected(ns *corev1.Namespace, revision string) bool {
	labels := ns.GetLabels()
	if revision == "" {
		return labels["istio-injection"] == "enabled"
	}
	return labels["istio-injection"] == "" && labels["istio.io/rev"] == revision
}
