package snapshot

import (
	"crypto/x509"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Parts that running istiods tell of themselves.
const (
	// IstiodPods are the pods of all revisions.
	IstiodPods Part = "istiod pods"
	// MeshInEffect is the mesh config that each istiod works with, as JSON.
	MeshInEffect Part = "mesh config in effect"
	// ProxyStates are the proxies connected to each istiod.
	ProxyStates Part = "proxies' state"
	// IstiodMetrics are the counters and gauges of each istiod.
	IstiodMetrics Part = "istiod's metrics"
	// ServedCerts are the certificates that each istiod presents to the API
	// server. They take a forwarded port, which not everybody may have, so the
	// part is never missing: each says for itself why it is unknown.
	ServedCerts Part = "istiod's webhook certificates"
	// RevisionProbes are dry runs through every webhook of every istiod.
	RevisionProbes Part = "probes of revisions and tags"
)

// Istiods is what running istiods tell of themselves.
type Istiods struct {
	IstiodPods    []*corev1.Pod
	MeshInEffect  []Told[[]byte]
	ProxyStates   []Told[[]ProxyState]
	IstiodMetrics []Told[[]Metric]
	ServedCerts   []Told[[]*x509.Certificate]
	// RevisionProbes name the webhook configuration that they are for.
	RevisionProbes []Probe
}

// Told is what one istiod answered.
type Told[T any] struct {
	Pod   *corev1.Pod
	Value T
	// Unknown says why there is no answer; "" if there is.
	Unknown string
}

// ProxyState is one proxy as its istiod sees it.
type ProxyState struct {
	// ID is POD.NAMESPACE.
	ID string
	// Version is the Istio version that the proxy runs; "" if it did not say.
	Version string
	// Resources are the kinds of configuration that it asked for.
	Resources []XDS
}

// XDS is one kind of configuration that an istiod sent to a proxy.
type XDS struct {
	// Type is the URL of the kind.
	Type string
	// Sent and Acked are nonces; they are equal once the proxy took it.
	Sent, Acked string
	SentAt      time.Time
	// Error is why the proxy refused it.
	Error string
}

// Metric is one counter or gauge.
type Metric struct {
	Name   string
	Labels map[string]string
	Value  float64
}
