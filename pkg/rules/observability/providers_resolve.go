package observability

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	api "istio.io/api/telemetry/v1alpha1"
	istio "istio.io/client-go/pkg/apis/telemetry/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func providersResolve() *rule.Rule {
	return &rule.Rule{
		ID: "OBS008", Name: "providers-resolve", Category: category, Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Live, snapshot.Services, snapshot.ServiceEntries, snapshot.Telemetries},
		Summary: "A provider of the mesh config names a service or port that is not there, or a Telemetry names a provider that is not.",
		Why:     "istiod leaves the provider out without a word: no trace, no log and no metric is sent, and an external authorizer lets nobody pass.",
		Fix:     "Correct service and port, add a ServiceEntry for a host outside of the cluster, or name a provider that the mesh config has.",
		Hints:   []string{"O3"}, Equivalents: []string{"IST0157"},
		Run: func(p *rule.Pass) {
			known, looked := []string{"prometheus", "stackdriver", "envoy"}, 0
			r := newRegistry(p)
			for _, m := range p.Rendered {
				if _, ok, _ := unstructured.NestedString(m.Object.Object, "data", "mesh"); !ok || m.Object.GetKind() != "ConfigMap" {
					continue
				}
				mesh := meshOf(p, m.Object)
				oldTracer(p, r, m.Object, mesh.At("defaultConfig", "tracing"))
				for _, item := range mesh.Field("extensionProviders").Items() {
					looked++
					known = append(known, item.Str("name"))
					provider(p, r, m.Object, item)
				}
			}
			for _, t := range p.Telemetries {
				looked++
				telemetry(p, t, known)
			}
			p.Lookedf("providers and Telemetry objects that resolve: %d", looked)
		},
	}
}

// meshOf is the mesh config as it is in the cluster.
func meshOf(p *rule.Pass, o *unstructured.Unstructured) *document.Value {
	if live := p.Live[snapshot.KeyOf(o)].Object; live != nil {
		o = live
	}
	text, _, _ := unstructured.NestedString(o.Object, "data", "mesh")
	for _, d := range document.Parse("mesh", []byte(text)) {
		return d.Root
	}
	return nil
}

// provider judges one extension provider: whatever its kind, those that call
// something name a service and a port.
func provider(p *rule.Pass, r *registry, config *unstructured.Unstructured, item *document.Value) {
	for _, kind := range item.Fields() {
		host := kind.Str("service")
		if kind.Kind != document.Map || host == "" {
			continue
		}
		at := snapshot.Place(config, "data.mesh.extensionProviders["+item.Str("name")+"]."+kind.Name())
		port, err := strconv.Atoi(kind.Str("port"))
		if err != nil {
			continue // VAL rules speak of the port
		}
		if why := r.missing(host, port); why != "" {
			p.Reportf(at, "provider %s (%s) %s", item.Str("name"), kind.Name(), why)
		}
	}
}

// oldTracer judges the tracer that is set without a provider: proxies look its
// address up by DNS.
func oldTracer(p *rule.Pass, r *registry, config *unstructured.Unstructured, tracing *document.Value) {
	for _, kind := range tracing.Fields() {
		host, text, ok := strings.Cut(kind.Str("address"), ":")
		port, err := strconv.Atoi(text)
		if !ok || err != nil {
			continue
		}
		if why := r.unresolved(host, port); why != "" {
			p.Reportf(snapshot.Place(config, "data.mesh.defaultConfig.tracing."+kind.Name()+".address"), "tracer %s %s", kind.Name(), why)
		}
	}
}

// telemetry reports the providers that a Telemetry names and nobody has.
func telemetry(p *rule.Pass, o *istio.Telemetry, known []string) {
	judge := func(section string, i int, providers []*api.ProviderRef) {
		for _, ref := range providers {
			if name := ref.GetName(); !slices.Contains(known, name) {
				p.Reportf(snapshot.Place(o, fmt.Sprintf("spec.%s[%d].providers", section, i)),
					"Telemetry %s/%s sends %s to provider %q, which the mesh config does not have", o.Namespace, o.Name, section, name)
			}
		}
	}
	for i, t := range o.Spec.GetTracing() {
		judge("tracing", i, t.GetProviders())
	}
	for i, m := range o.Spec.GetMetrics() {
		judge("metrics", i, m.GetProviders())
	}
	for i, l := range o.Spec.GetAccessLogging() {
		judge("accessLogging", i, l.GetProviders())
	}
}
