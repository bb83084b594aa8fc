package security

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/secret"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func secretInClear() *rule.Rule {
	return each(rule.Rule{
		ID: "SEC009", Name: "secret-in-clear", Category: hardening, Severity: finding.Warning,
		Summary: "A password, token or key stands in the mesh config or in a variable.",
		Why:     "It is in Git, in a ConfigMap and in every pod's description, for all who may read one of them.",
		Fix:     "Keep it in a Secret: envVarFrom of istiod, or envName of a provider's header, read from one.",
	}, func(p *rule.Pass, c *snapshot.Config) {
		for _, e := range c.Env() {
			if _, own := facts.EnvVar(e.Name); !own && e.Value != nil && (secretName(e.Name) && secretText(e.Name, e.Value) || secret.Shaped(e.Value.Text)) {
				p.Reportf(e.At.Key(), "%s looks like a secret and stands here in clear; read it from a Secret", e.Name)
			}
		}
		for _, v := range tokens(c) {
			if v.Name() == "value" || secretText(v.Name(), v) {
				p.Reportf(v.Key(), "%s stands here in clear; read it from a Secret", v.Name())
			}
		}
	})
}

// tokens are the places that hold nothing but secrets.
func tokens(c *snapshot.Config) []*document.Value {
	out := []*document.Value{c.Values().At("global", "tracer", "lightstep", "accessToken")}
	for _, m := range c.MeshConfigs() {
		out = append(out, m.At("defaultConfig", "tracing", "lightstep", "accessToken"))
		for _, item := range m.Field("extensionProviders").Items() {
			out = append(out, item.At("lightstep", "accessToken"))
			for _, h := range item.At("opentelemetry", "http", "headers").Items() {
				if name := h.Str("name"); secretName(name) && secretText(name, h.Field("value")) {
					out = append(out, h.Field("value"))
				}
			}
		}
	}
	return out
}

// secretName says whether a name is that of a secret. What follows the word
// tells that it is about one: _FILE, _PATH, _TTL, _NAME. A name such as
// MTLS_AUTH may also say how.
func secretName(name string) bool {
	return secret.ClassOf(name) != secret.Plain && !strings.HasSuffix(name, "AUTH")
}

// secretText says whether a text under a name may be a secret, not a switch,
// a path or something that is filled in later.
func secretText(name string, v *document.Value) bool {
	return v.Scalar() && v.Kind != document.Null && v.Placeholder() == "" && !strings.HasPrefix(v.Text, "/") &&
		!strings.HasPrefix(v.Text, "$(") && !strings.HasPrefix(v.Text, "<") && secret.ClassOf(name).Holds(v.Text)
}
