package meshconfig

import (
	"strings"

	"istio.io/istio/pkg/config/validation/agent"

	meshapi "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func provider() *rule.Rule {
	return &rule.Rule{
		ID: "VAL041", Name: "invalid-provider", Category: category, Severity: finding.Error,
		Stages: stages(), Needs: given(),
		Summary: "An extension provider has no name, another one's name, not exactly one kind, or a bad service, port or path.",
		Why:     "istiod only logs it; what uses the provider, such as a CUSTOM policy or tracing, then denies everything or does nothing.",
		Fix:     "Give each provider a name of its own and one kind with a service such as authz.example.svc.cluster.local and a port.",
		Hints:   []string{"O3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				list := providers(c.Mesh())
				for i, item := range list {
					named(p, item, list[:i])
					oneKind(p, item)
				}
			}
		},
	}
}

// providers are the extension providers of a mesh config.
func providers(m *document.Value) []*document.Value {
	for _, name := range []string{"extensionProviders", "extension_providers"} {
		if v := m.Field(name); v != nil {
			return v.Items()
		}
	}
	return nil
}

func named(p *rule.Pass, item *document.Value, before []*document.Value) {
	name := item.Field("name")
	if item.Kind != document.Map || name != nil && name.Placeholder() != "" {
		return
	}
	if item.Str("name") == "" {
		p.Reportf(item, "the provider has no name, so nothing can refer to it")
		return
	}
	for _, b := range before {
		if b.Str("name") == name.Text {
			f := p.Reportf(name, "a provider named %q stands above; only this last one counts", name.Text)
			f.Related = append(f.Related, finding.Related{Message: "the first one", At: b.Field("name").Location()})
			return
		}
	}
}

// oneKind checks the provider's kind, such as zipkin, and what is in it.
func oneKind(p *rule.Pass, item *document.Value) {
	var set []*document.Value
	for _, f := range item.Fields() {
		switch {
		case f.Name() == "name":
		case providerKind(f.Name()) == nil:
			return // an unknown field, which another rule reports
		case f.Kind != document.Null:
			set = append(set, f)
		}
	}
	switch len(set) {
	case 0:
		p.Reportf(item, "the provider %q has no kind; add one such as envoyExtAuthzGrpc, opentelemetry or zipkin, with {} where there is nothing to set", item.Str("name"))
	case 1:
		inside(p, item.Str("name"), set[0])
	default:
		p.Reportf(set[1].Key(), "the provider %q is both %s and %s; make it two providers", item.Str("name"), set[0].Name(), set[1].Name())
	}
}

// inside asks istiod's own check about a kind that calls a service.
func inside(p *rule.Pass, name string, kind *document.Value) {
	d := providerKind(kind.Name()).Message().Fields()
	if kind.Kind != document.Map || d.ByName("service") == nil || d.ByName("port") == nil {
		return
	}
	t := tree{kind, map[*document.Value]bool{}}
	placeholders(kind, t.out)
	ask := serviceCheck(kind.Name())
	told := map[*document.Value]bool{}
	for _, complaint := range ask(t.values()) {
		at := blame(t, kind, ask, complaint)
		if hidden(t, kind, complaint) || told[at] && at != kind {
			continue // one complaint about a value is enough
		}
		told[at] = true
		complaint, _, _ = strings.Cut(complaint, ", supported values")
		p.Reportf(at.Key(), "provider %q: %s", name, complaint)
	}
}

// hidden says whether a complaint is about a value that was left out because
// it is not known yet.
func hidden(t tree, kind *document.Value, complaint string) bool {
	return t.out[kind.Field("service")] && strings.Contains(complaint, "service must") ||
		t.out[kind.Field("port")] && strings.Contains(complaint, "port number")
}

func serviceCheck(kind string) check {
	return func(values any) []string {
		var err error
		switch strings.ToLower(strings.ReplaceAll(kind, "_", "")) {
		case "envoyextauthzhttp":
			m := &meshapi.MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationHttpProvider{}
			if err = apply(values, m); err == nil {
				err = agent.ValidateExtensionProviderEnvoyExtAuthzHTTP(m)
			}
		case "envoyextauthzgrpc":
			m := &meshapi.MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationGrpcProvider{}
			if err = apply(values, m); err == nil {
				err = agent.ValidateExtensionProviderEnvoyExtAuthzGRPC(m)
			}
		case "opentelemetry":
			m := &meshapi.MeshConfig_ExtensionProvider_OpenTelemetryTracingProvider{}
			if err = apply(values, m); err == nil {
				err = agent.ValidateExtensionProviderTracingOpentelemetry(m)
			}
		default:
			// The others are checked for service and port, as this one is.
			m := &meshapi.MeshConfig_ExtensionProvider_EnvoyHttpGrpcV3LogProvider{}
			if err = apply(values, m); err == nil {
				err = agent.ValidateExtensionProviderEnvoyHTTPAls(m)
			}
		}
		return texts(err)
	}
}
