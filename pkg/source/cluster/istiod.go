package cluster

import (
	"context"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Teller asks a pod over HTTP. A *kube.Client is one; tests have another that
// holds the answers of a fixture.
type Teller interface {
	FromPod(ctx context.Context, from kube.PodPort, path string, limit int64) ([]byte, error)
}

// told adapts a read of what istiods tell to a question.
func told(ask func(context.Context, Teller, *snapshot.Snapshot) error) func(context.Context, *kube.Client, *snapshot.Snapshot) error {
	return func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
		if ok, why := s.Has(snapshot.IstiodPods); !ok {
			return gap(why)
		}
		return ask(ctx, c, s)
	}
}

// Limits of answers. A proxy's state takes three kilobytes.
const (
	meshLimit    = 4 << 20
	metricsLimit = 32 << 20
	proxiesLimit = 128 << 20
)

func meshInEffect(ctx context.Context, from Teller, s *snapshot.Snapshot) (err error) {
	s.MeshInEffect, err = ask(ctx, from, s, "debug/mesh", meshLimit, func(body []byte) ([]byte, error) { return body, nil })
	return err
}

func proxyStates(ctx context.Context, from Teller, s *snapshot.Snapshot) (err error) {
	s.ProxyStates, err = ask(ctx, from, s, "debug/syncz", proxiesLimit, parseProxies)
	return err
}

func istiodMetrics(ctx context.Context, from Teller, s *snapshot.Snapshot) (err error) {
	s.IstiodMetrics, err = ask(ctx, from, s, "metrics", metricsLimit, parseMetrics)
	return err
}

// ask asks every istiod that runs, at the same time. Where none of them
// answers, that is a gap.
func ask[T any](ctx context.Context, from Teller, s *snapshot.Snapshot, path string, limit int64, parse func([]byte) (T, error)) ([]snapshot.Told[T], error) {
	pods := slices.DeleteFunc(slices.Clone(s.IstiodPods), func(p *corev1.Pod) bool { return !answers(p) })
	if len(pods) == 0 {
		return nil, gap("no istiod is running")
	}
	out := make([]snapshot.Told[T], len(pods))
	kube.InParallel(len(pods), func(i int) { out[i] = askOne(ctx, from, pods[i], path, limit, parse) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !slices.ContainsFunc(out, func(t snapshot.Told[T]) bool { return t.Unknown == "" }) {
		return nil, gap("istiod's pod " + pods[0].Name + " cannot be asked for /" + path + ": " + out[0].Unknown)
	}
	return out, nil
}

func askOne[T any](ctx context.Context, from Teller, pod *corev1.Pod, path string, limit int64, parse func([]byte) (T, error)) snapshot.Told[T] {
	out := snapshot.Told[T]{Pod: pod}
	body, err := from.FromPod(ctx, kube.PodPort{Namespace: pod.Namespace, Pod: pod.Name, Port: monitoringPort(pod)}, path, limit)
	if err == nil {
		out.Value, err = parse(body)
	}
	if err != nil {
		out.Unknown = reason(err)
	}
	return out
}

// answers says whether a pod runs and is ready to be asked.
func answers(p *corev1.Pod) bool {
	return p.DeletionTimestamp == nil && p.Status.Phase == corev1.PodRunning && slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// defaultMonitoringPort serves metrics and, unless ENABLE_DEBUG_ON_HTTP is
// false, the debug pages.
const defaultMonitoringPort = 15014

// monitoringPort reads --monitoringAddr, which the chart sets.
func monitoringPort(p *corev1.Pod) int {
	for _, c := range p.Spec.Containers {
		for _, arg := range c.Args {
			if address, ok := strings.CutPrefix(arg, "--monitoringAddr="); ok {
				return port(address)
			}
		}
	}
	return defaultMonitoringPort
}

func port(address string) int {
	if n, err := strconv.Atoi(address[strings.LastIndex(address, ":")+1:]); err == nil {
		return n
	}
	return defaultMonitoringPort
}

// rootCerts reads the ConfigMaps from which proxies take the mesh's root; the
// label is istiod's.
func rootCerts(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	found, err := decoded[corev1.ConfigMap](ctx, r, kind("", "v1", "ConfigMap"), "istio.io/config=true")
	s.RootCerts = slices.DeleteFunc(found, func(m *corev1.ConfigMap) bool { return m.Name != "istio-ca-root-cert" })
	return err
}

func istiodPods(ctx context.Context, r Reader, s *snapshot.Snapshot) (err error) {
	s.IstiodPods, err = decoded[corev1.Pod](ctx, r, kind("", "v1", "Pod"), "app=istiod")
	return err
}

// ofCRD reads objects of a kind that a CRD brings. Where it is not there, there
// are none.
func ofCRD(part snapshot.Part, gvk schema.GroupVersionKind, field func(*snapshot.Objects) *[]*unstructured.Unstructured) list {
	return list{part, func(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
		found, err := all(ctx, r, gvk, "")
		*field(&s.Objects) = found
		if kube.UnknownKind(err) {
			return nil
		}
		return err
	}}
}
