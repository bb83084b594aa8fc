package meshconfig

import (
	"encoding/json"
	"slices"

	"google.golang.org/protobuf/proto"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/validation/agent"
	"istio.io/istio/pkg/util/protomarshal"

	meshapi "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func refused() *rule.Rule {
	return &rule.Rule{
		ID: "VAL040", Name: "mesh-config-refused", Category: category, Severity: finding.Error,
		Stages: stages(), Needs: given(),
		Summary: "istiod refuses the mesh config because of a value in it.",
		Why:     "istiod keeps the last mesh config that it could read, and after a restart runs on its defaults: none of your settings apply.",
		Fix:     "Change the value as the message says.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if m := c.Mesh(); m != nil && m.Kind == document.Map {
					judge(p, m, c.Istio)
				}
			}
		},
	}
}

func judge(p *rule.Pass, m *document.Value, istio facts.Minor) {
	t := tree{m, unjudged(m, istio)}
	for _, complaint := range asIstiod(t.values()) {
		at := blame(t, m, asIstiod, complaint)
		p.Reportf(at, "istiod refuses this mesh config: %s", complaint)
	}
}

// unjudged are the values that other rules report, or that are not known yet.
// Providers are left out because istiod takes wrong ones.
func unjudged(m *document.Value, istio facts.Minor) map[*document.Value]bool {
	out := map[*document.Value]bool{}
	for _, issue := range schema.Check(m, facts.MeshConfig, istio) {
		if issue.Class == schema.WrongType {
			out[issue.Value] = true
		}
	}
	for _, name := range []string{"extensionProviders", "extension_providers"} {
		if v := m.Field(name); v != nil {
			out[v] = true
		}
	}
	placeholders(m, out)
	return out
}

func placeholders(v *document.Value, out map[*document.Value]bool) {
	if v.Placeholder() != "" {
		out[v] = true
	}
	for _, child := range append(v.Fields(), v.Items()...) {
		placeholders(child, out)
	}
}

// asIstiod decodes a mesh config over the defaults and checks it, both as
// istiod does, but for its log.
func asIstiod(values any) []string {
	config, err := decoded(values)
	if err != nil {
		return []string{err.Error()}
	}
	_, err = agent.ValidateMeshConfig(config)
	found := texts(err)
	slices.Sort(found)
	return slices.Compact(found)
}

func decoded(values any) (*meshapi.MeshConfig, error) {
	config := mesh.DefaultMeshConfig()
	if err := apply(values, config); err != nil {
		return nil, err
	}
	config.DefaultConfig = mesh.DefaultProxyConfig()
	config.ExtensionProviders = nil
	fields, _ := values.(map[string]any)
	text, err := json.Marshal(fields["defaultConfig"])
	if err != nil || string(text) == "null" {
		return config, err
	}
	config.DefaultConfig, err = mesh.MergeProxyConfig(string(text), config.DefaultConfig)
	return config, err
}

func apply(values any, to proto.Message) error {
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return protomarshal.ApplyJSON(string(text), to)
}
