package security

import (
	"regexp"
	"strings"
	"sync"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
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
			if _, own := facts.EnvVar(e.Name); !own && secretName(e.Name) && secretValue(e.Value) {
				p.Reportf(e.At.Key(), "%s looks like a secret and stands here in clear; read it from a Secret", e.Name)
			}
		}
		for _, v := range tokens(c) {
			if secretValue(v) {
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
				if secretName(h.Str("name")) {
					out = append(out, h.Field("value"))
				}
			}
		}
	}
	return out
}

var secretWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|_|-)(passwd|password|secret|token|api_?key|x-api-key|private_?key|credentials?|authorization)$`)
})

// secretName says whether a name ends in a word for a secret. What follows
// such a word tells that it is about one: _FILE, _PATH, _TTL, _NAME.
func secretName(name string) bool { return secretWords().MatchString(name) }

// secretValue says whether a value may be a secret, not a switch, a path or
// something that is filled in later.
func secretValue(v *document.Value) bool {
	return v != nil && v.Kind == document.String && len(v.Text) >= 4 && v.Placeholder() == "" &&
		v.Text != "true" && v.Text != "false" && !strings.HasPrefix(v.Text, "/") && !strings.HasPrefix(v.Text, "$(") && !strings.HasPrefix(v.Text, "<")
}
