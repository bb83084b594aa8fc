package mesh

import (
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// GatewayNameLabel is on the pods that istiod makes for a Kubernetes Gateway.
const GatewayNameLabel = "gateway.networking.k8s.io/gateway-name"

// Edge is the proxies of a gateway: those of a workload, those that istiod
// makes for a Kubernetes Gateway, or those that Gateways select and the picture
// does not hold.
type Edge struct {
	// Namespace is "" where nothing in the picture tells it.
	Namespace string
	// Labels of the pods; of those that the picture does not hold, what is known.
	Labels map[string]string
	// Workload is nil where the picture holds none.
	Workload *Workload
	// Kubernetes is what istiod makes the proxies for; nil for others.
	Kubernetes *gateway.Gateway
	Class      Class
	// Gateways are Istio's that select it, Services those that lead to it.
	Gateways []*networking.Gateway
	Services []*corev1.Service

	set *set // nil without Gateways
}

// String names the gateway.
func (e *Edge) String() string {
	switch {
	case e.Kubernetes != nil:
		return "Gateway/" + e.Kubernetes.Namespace + "/" + e.Kubernetes.Name
	case e.Workload != nil:
		return e.Workload.String()
	}
	return "the gateway with " + labels.Set(e.Labels).String()
}

// EdgeParts are what Edges rests on.
func EdgeParts() []snapshot.Part {
	return append(WorkloadParts(), snapshot.Services, snapshot.Gateways, snapshot.KubernetesGateways, snapshot.GatewayClasses)
}

// WorkloadParts are what Workloads rests on.
func WorkloadParts() []snapshot.Part {
	return []snapshot.Part{
		snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets, snapshot.CronJobs, snapshot.ReplicaSets, snapshot.Jobs, snapshot.Pods,
	}
}

// edges is the index of gateways.
type edges struct {
	all, different []*Edge

	bySelector map[string][]*Edge // of the selectors of Gateways

	byName map[[2]string]*Edge // of Kubernetes, by namespace and name
	byPair map[[2]string][]*Edge

	workloads map[*Workload]bool
}

func (m *Mesh) edges() *edges {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *edges { return newEdges(m) })
}

// Edges lists the gateways.
func (m *Mesh) Edges() []*Edge { return m.edges().all }

// EdgeOf is the proxies of a Kubernetes Gateway; nil where istiod makes none.
func (m *Mesh) EdgeOf(namespace, name string) *Edge {
	return m.edges().byName[[2]string{namespace, name}]
}

// EdgesWith are the gateways whose pods have all the labels; all of them where
// there are no labels.
func (m *Mesh) EdgesWith(wanted map[string]string) []*Edge { return m.edges().with(wanted) }

// IsEdge says whether a workload runs a gateway.
func (m *Mesh) IsEdge(w *Workload) bool {
	return m.edges().workloads[w]
}

func (x *edges) with(wanted map[string]string) []*Edge {
	if len(wanted) == 0 {
		return x.all
	}
	if known, ok := x.bySelector[labels.Set(wanted).String()]; ok {
		return known
	}
	rarest, first := x.all, true
	for k, v := range wanted {
		if with := x.byPair[[2]string{k, v}]; first || len(with) < len(rarest) {
			rarest, first = with, false
		}
	}
	var out []*Edge
	for _, e := range rarest {
		if Has(e.Labels, wanted) {
			out = append(out, e)
		}
	}
	return out
}

func newEdges(m *Mesh) *edges {
	x := &edges{byName: map[[2]string]*Edge{}, byPair: map[[2]string][]*Edge{}, workloads: map[*Workload]bool{}}
	chosen := selectorsOf(m.Gateways)
	for _, w := range m.Workloads() {
		if runsGateway(w) || chosen.take(w) {
			x.workloads[w] = true
			x.add(&Edge{Namespace: w.Namespace(), Labels: w.Labels, Workload: w, Class: classOfLabels(w.Labels)})
		}
	}
	for _, g := range m.KubernetesGateways {
		x.kubernetes(m, g)
	}
	x.choose(chosen.all)
	x.services(m)
	x.different = different(x.all)
	return x
}

// choose finds what the selectors of Gateways take. A gateway that the picture
// does not hold is known by them.
func (x *edges) choose(all []*selected) {
	taken, bySelector := map[*Edge][]*selected{}, map[string][]*Edge{}
	for _, s := range all {
		found := x.with(s.labels)
		if len(found) == 0 && len(s.labels) > 0 {
			e := &Edge{Labels: s.labels, Class: EdgeClass}
			x.add(e)
			found = []*Edge{e}
		}
		for _, e := range found {
			taken[e] = append(taken[e], s)
		}
	}
	x.gather(taken)
	for _, s := range all {
		bySelector[labels.Set(s.labels).String()] = x.with(s.labels)
	}
	x.bySelector = bySelector
}

func (x *edges) add(e *Edge) {
	x.all = append(x.all, e)
	for k, v := range e.Labels {
		x.byPair[[2]string{k, v}] = append(x.byPair[[2]string{k, v}], e)
	}
	if name := e.Labels[GatewayNameLabel]; name != "" {
		x.byName[[2]string{e.Namespace, name}] = e
	}
}

// kubernetes adds what istiod makes for a Gateway. One that names an address of
// its own is served by pods that somebody else makes.
func (x *edges) kubernetes(m *Mesh, g *gateway.Gateway) {
	class := m.Class(g)
	if class == UnknownClass || class == ForeignClass || class == RemoteClass || manual(g) {
		return
	}
	e := x.byName[[2]string{g.Namespace, g.Name}]
	if e == nil {
		pods := map[string]string{GatewayNameLabel: g.Name}
		if g.Spec.Infrastructure != nil {
			for k, v := range g.Spec.Infrastructure.Labels {
				pods[string(k)] = string(v)
			}
		}
		e = &Edge{Namespace: g.Namespace, Labels: pods}
		x.add(e)
	}
	e.Kubernetes, e.Class = g, class
}

// manual says whether a Gateway is bound to a Service that exists already.
func manual(g *gateway.Gateway) bool {
	return slices.ContainsFunc(g.Spec.Addresses, func(a gateway.GatewaySpecAddress) bool {
		return a.Type != nil && *a.Type == gateway.HostnameAddressType
	})
}

// services finds what leads to gateways. Of one that only Gateways tell of, a
// Service that selects its labels and more leads to some of its pods, and tells
// where they are.
func (x *edges) services(m *Mesh) {
	var index Selecting[*corev1.Service]
	var untold Selecting[*Edge]
	for _, s := range m.Services {
		index.Add(s.Namespace, s.Spec.Selector, s)
	}
	for _, e := range x.all {
		if e.Namespace == "" {
			untold.Add("", e.Labels, e)
			continue
		}
		e.Services = index.By(e.Namespace, e.Labels)
	}
	for _, s := range m.Services {
		for _, e := range untold.By("", s.Spec.Selector) {
			if e.Namespace == "" {
				e.Namespace, e.Labels = s.Namespace, s.Spec.Selector
			}
			if e.Namespace == s.Namespace {
				e.Services = append(e.Services, s)
			}
		}
	}
}

// runsGateway tells pods of gateways: those that istiod makes for the Gateway
// API, those with the injector's gateway template, and those that run the proxy
// as a router.
func runsGateway(w *Workload) bool {
	if w.Labels[GatewayNameLabel] != "" || slices.Contains(strings.FieldsFunc(w.Annotations["inject.istio.io/templates"], separator), "gateway") {
		return true
	}
	return slices.ContainsFunc(w.Spec.Containers, func(c corev1.Container) bool {
		return c.Name == "istio-proxy" && len(c.Args) > 1 && c.Args[0] == "proxy" && c.Args[1] == "router"
	})
}

func separator(r rune) bool { return strings.ContainsRune(`,[]" `, r) }

// classOfLabels reads what istiod writes on the pods of a Gateway.
func classOfLabels(pods map[string]string) Class {
	if class, ok := builtinClasses()[pods["gateway.networking.k8s.io/gateway-class-name"]]; ok {
		return class
	}
	if pods["gateway.istio.io/managed"] == "istio.io-mesh-controller" {
		return WaypointClass
	}
	return EdgeClass
}
