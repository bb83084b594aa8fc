package observability

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func removedTracer() *rule.Rule {
	return each(rule.Rule{
		ID: "OBS005", Name: "removed-tracer", Severity: finding.Error,
		Summary: "A tracer is used that the target version no longer has.",
		Why:     "istioctl and the charts take the setting, and then no span leaves a proxy, or the proxy does not start.",
		Fix:     "Send traces with an opentelemetry provider.",
		Hints:   []string{"O3"},
	}, func(p *rule.Pass, c *snapshot.Config) {
		for _, v := range tracers(c) {
			if gone := facts.TracerRemoved(v.kind); gone.Known() && !c.Istio.Before(gone) {
				p.Reportf(v.at, "the tracer %s was removed in Istio %s; use an opentelemetry provider", v.kind, gone)
			}
		}
	})
}

// tracer is a tracer that a configuration names.
type tracer struct {
	kind string
	at   finding.Locator
}

// backends are the fields of defaultConfig.tracing that choose one.
func backends() []string {
	return []string{"zipkin", "lightstep", "datadog", "stackdriver", "openCensusAgent"}
}

// spanKinds are the kinds of extension providers that take spans.
func spanKinds() []string {
	return []string{"zipkin", "lightstep", "datadog", "stackdriver", "opencensus", "skywalking", "opentelemetry"}
}

func tracers(c *snapshot.Config) []tracer {
	var out []tracer
	if v := c.Values().At("global", "proxy", "tracer"); v.Str() != "" && v.Str() != "none" {
		out = append(out, tracer{v.Text, v})
	}
	for _, m := range c.MeshConfigs() {
		out = append(out, named(m.At("defaultConfig", "tracing"), backends())...)
		for _, item := range m.Field("extensionProviders").Items() {
			out = append(out, named(item, spanKinds())...)
		}
	}
	return out
}

func named(v *document.Value, kinds []string) []tracer {
	var out []tracer
	for _, f := range v.Fields() {
		if slices.Contains(kinds, f.Name()) {
			out = append(out, tracer{f.Name(), f.Key()})
		}
	}
	return out
}
