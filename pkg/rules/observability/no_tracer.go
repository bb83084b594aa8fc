package observability

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noTracer() *rule.Rule {
	return each(rule.Rule{
		ID: "OBS004", Name: "no-tracer", Severity: finding.Warning,
		Summary: "Tracing is switched on or tuned, and nothing takes the spans.",
		Why:     "Since Istio 1.22 there is no default tracer, so no span is sent and nothing says so.",
		Fix:     "Add a provider such as opentelemetry to extensionProviders and name it in a Telemetry or in defaultProviders.tracing.",
		Hints:   []string{"O3"}, Equivalents: []string{"IST0157"},
	}, func(p *rule.Pass, c *snapshot.Config) {
		if c.Istio.Before(facts.Minor{Major: 1, Minor: 22}) || c.Effective == nil || receives(c) {
			return
		}
		if at := expected(c); at != nil {
			p.Missingf(c, at.Key(), "%s is set, but no tracer is: neither a tracing provider in extensionProviders nor one in defaultConfig.tracing, so no span is sent", at.Name())
		}
	})
}

// receives says whether anything takes spans, from the profile too.
func receives(c *snapshot.Config) bool {
	m := c.Mesh()
	for _, item := range m.Field("extensionProviders").Items() {
		if len(named(item, spanKinds())) > 0 {
			return true
		}
	}
	return len(tracers(c)) > 0 || len(named(m.At("defaultConfig", "tracing"), backends())) > 0 ||
		len(m.At("defaultProviders", "tracing").Items()) > 0
}

// expected is the setting that says that traces are wanted.
func expected(c *snapshot.Config) *document.Value {
	for _, m := range c.MeshConfigs() {
		if v := m.Field("enableTracing"); m.IsTrue("enableTracing") {
			return v
		}
		if v := m.At("defaultConfig", "tracing", "sampling"); v.Scalar() && v.Text != "0" && v.Text != "0.0" && v.Kind != document.Null {
			return v
		}
	}
	return nil
}
