package meshconfig

import (
	"istio.io/istio/pkg/config/validation/agent"

	meshapi "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func networks() *rule.Rule {
	return &rule.Rule{
		ID: "VAL044", Name: "mesh-networks", Category: category, Severity: finding.Error,
		Stages: stages(), Needs: given(),
		Summary: "meshNetworks holds a value that istiod refuses, or two where one is meant.",
		Why:     "istiod drops all networks, or takes one of the two, and traffic between clusters goes nowhere.",
		Fix:     "Give each endpoint either fromRegistry or fromCidr, and each gateway either address or registryServiceName, with a port.",
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if v := c.MeshNetworks(); v != nil && v.Kind == document.Map {
					network(p, v)
				}
			}
		},
	}
}

func network(p *rule.Pass, v *document.Value) {
	t := tree{v, map[*document.Value]bool{}}
	placeholders(v, t.out)
	if len(t.out) > 0 {
		return // a missing address is not one that was left out
	}
	for _, n := range v.Fields() {
		if n.Kind != document.Map {
			return // has another type, which a rule of its own reports
		}
	}
	pairs(p, v)
	for _, complaint := range asNetworks(t.values()) {
		p.Reportf(blame(t, v, asNetworks, complaint), "istiod refuses these networks: %s", complaint)
	}
}

func asNetworks(values any) []string {
	m := &meshapi.MeshNetworks{}
	if err := apply(map[string]any{"networks": values}, m); err != nil {
		return []string{err.Error()}
	}
	return texts(agent.ValidateMeshNetworks(m))
}

// pairs reports what istiod takes without a word: two of a oneof, or none.
func pairs(p *rule.Pass, v *document.Value) {
	for _, n := range v.Fields() {
		for _, e := range n.Field("endpoints").Items() {
			either(p, e, "endpoint", "fromRegistry", "fromCidr")
		}
		for _, g := range n.Field("gateways").Items() {
			either(p, g, "gateway", "address", "registryServiceName")
		}
	}
}

func either(p *rule.Pass, v *document.Value, what, a, b string) {
	first, second := oneOf(v, a), oneOf(v, b)
	switch {
	case v.Kind != document.Map:
	case first != nil && second != nil:
		p.Reportf(second.Key(), "the %s has both %s and %s, of which one is dropped; make it two", what, a, b)
	case first == nil && second == nil:
		p.Reportf(v, "the %s has neither %s nor %s", what, a, b)
	}
}

// oneOf finds a field in either spelling.
func oneOf(v *document.Value, name string) *document.Value {
	if f := v.Field(name); f != nil {
		return f
	}
	return v.Field(snake(name))
}

func snake(name string) string {
	out := []rune{}
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			out = append(out, '_', r+'a'-'A')
			continue
		}
		out = append(out, r)
	}
	return string(out)
}
