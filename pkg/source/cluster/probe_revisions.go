package cluster

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// probeRevisions sends a dry run through every webhook configuration of every
// istiod: of each revision and each tag, whatever is verified.
func probeRevisions(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	for _, part := range []snapshot.Part{snapshot.Namespaces, snapshot.Webhooks} {
		if ok, why := s.Has(part); !ok {
			return gap(why)
		}
	}
	s.RevisionProbes = nil
	for _, config := range s.Webhooks {
		if !snapshot.OfIstiod(config) || snapshot.Deactivated(config) {
			continue
		}
		probe, err := probeConfig(ctx, c, s.Namespaces, config)
		if err != nil {
			return err
		}
		probe.For, probe.Revision = snapshot.KeyOf(config), config.GetLabels()["istio.io/rev"]
		s.RevisionProbes = append(s.RevisionProbes, probe)
	}
	return nil
}

// probeConfig tries namespaces and labels that the configuration's webhooks
// match, until one tells.
func probeConfig(ctx context.Context, c *kube.Client, namespaces []*corev1.Namespace, config *unstructured.Unstructured) (snapshot.Probe, error) {
	kind, make := snapshot.InjectionProbe, podWith
	if config.GetKind() == "ValidatingWebhookConfiguration" {
		kind, make = snapshot.ValidationProbe, routeWith
	}
	last := snapshot.Probe{Name: kind, Failed: "no namespace and no label was found that it matches"}
	for i, place := range places(namespaces, config) {
		if i == maxCandidates {
			break
		}
		name := "meshctl-probe-" + strings.ToLower(rand.Text()[:8])
		p, err := send(ctx, c, kind, "", make(name, place))
		told := p.Object != nil || kind == snapshot.ValidationProbe && p.Denied != "" || p.Unreached()
		if err != nil || told {
			return p, err
		}
		last = p
	}
	return last, nil
}

// place is where a probe goes, and with which labels.
type place struct {
	namespace string
	labels    labels.Set
}

// places are all that a webhook of the configuration matches: namespaces that
// carry a label for it first.
func places(namespaces []*corev1.Namespace, config *unstructured.Unstructured) []place {
	var first, then []place
	for _, ns := range namespaces {
		if ns.DeletionTimestamp != nil || strings.HasPrefix(ns.Name, "kube-") {
			continue
		}
		i := slices.IndexFunc(tries(config), func(l labels.Set) bool { return matches(config, ns.Labels, l) })
		switch {
		case i < 0:
		case ns.Labels["istio.io/rev"] != "" || ns.Labels["istio-injection"] != "":
			first = append(first, place{ns.Name, tries(config)[i]})
		default:
			then = append(then, place{ns.Name, tries(config)[i]})
		}
	}
	return append(first, then...)
}

// tries are the labels that people give to objects for a revision or a tag. Each
// asks for injection, which an istiod can be told not to do unasked.
func tries(config *unstructured.Unstructured) []labels.Set {
	out := []labels.Set{{"sidecar.istio.io/inject": "true"}}
	for _, key := range []string{"istio.io/tag", "istio.io/rev"} {
		if v := config.GetLabels()[key]; v != "" {
			out = append(out, labels.Set{"istio.io/rev": v, "sidecar.istio.io/inject": "true"})
		}
	}
	return append(out, labels.Set{})
}

func matches(config *unstructured.Unstructured, namespace, object labels.Set) bool {
	return slices.ContainsFunc(snapshot.AdmissionWebhooks(config), func(w map[string]any) bool {
		return selected(w["namespaceSelector"], namespace) && selected(w["objectSelector"], object)
	})
}

// selected says whether labels fit a selector, which fits all where there is
// none.
func selected(selector any, l labels.Set) bool {
	fields, ok := selector.(map[string]any)
	if !ok {
		return true
	}
	var typed metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &typed); err != nil {
		return false
	}
	s, err := metav1.LabelSelectorAsSelector(&typed)
	return err == nil && s.Matches(l)
}

func podWith(name string, at place) *unstructured.Unstructured {
	o := plainPod(name, at.namespace)
	o.SetLabels(labels.Merge(labels.Set{"app": name}, at.labels))
	return o
}

func routeWith(name string, at place) *unstructured.Unstructured {
	o := invalidRoute(name, at.namespace)
	if len(at.labels) > 0 {
		o.SetLabels(at.labels)
	}
	return o
}
