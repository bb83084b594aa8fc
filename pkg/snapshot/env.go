package snapshot

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// Env is one environment variable that a configuration sets.
type Env struct {
	Name string
	// At is where the name is written, Value the value; Value is nil where
	// it comes from a Secret, a ConfigMap or the pod itself.
	At, Value *document.Value
	// Named says that At holds the name as its value, as in a list of name
	// and value; otherwise it is At's key.
	Named bool
	// Program is facts.Istiod, facts.Agent or facts.CNIAgent.
	Program string
}

// Env lists the environment variables that the configuration as written sets
// for istiod, the proxies and the CNI agent.
func (c *Config) Env() []Env {
	var out []Env
	for _, m := range c.MeshConfigs() {
		out = append(out, envMap(m.At("defaultConfig", "proxyMetadata"), facts.Agent)...)
	}
	if c.IsOperator() {
		return append(out, c.operatorEnv()...)
	}
	v := c.Root
	switch c.Chart {
	case "istiod":
		out = append(out, envMap(v.Field("env"), facts.Istiod)...)
		out = append(out, envList(v.Field("envVarFrom"), facts.Istiod)...)
		out = append(out, envMap(v.At("pilot", "env"), facts.Istiod)...)
		out = append(out, envList(v.At("pilot", "envVarFrom"), facts.Istiod)...)
	case "cni":
		out = append(out, envMap(v.Field("env"), facts.CNIAgent)...)
		out = append(out, envMap(v.At("cni", "env"), facts.CNIAgent)...)
	case "gateway":
		out = append(out, envMap(v.Field("env"), facts.Agent)...)
		out = append(out, envList(v.Field("envVarFrom"), facts.Agent)...)
	}
	return out
}

func (c *Config) operatorEnv() []Env {
	values, components := c.Values(), c.Root.At("spec", "components")
	out := envMap(values.At("pilot", "env"), facts.Istiod)
	out = append(out, envList(values.At("pilot", "envVarFrom"), facts.Istiod)...)
	out = append(out, envList(components.At("pilot", "k8s", "env"), facts.Istiod)...)
	out = append(out, envMap(values.At("cni", "env"), facts.CNIAgent)...)
	out = append(out, envList(components.At("cni", "k8s", "env"), facts.CNIAgent)...)
	for _, kind := range []string{"ingressGateways", "egressGateways"} {
		for _, gateway := range components.Field(kind).Items() {
			out = append(out, envList(gateway.At("k8s", "env"), facts.Agent)...)
		}
	}
	for _, name := range []string{"istio-ingressgateway", "istio-egressgateway"} {
		out = append(out, envMap(values.At("gateways", name, "env"), facts.Agent)...)
	}
	return out
}

func envMap(m *document.Value, program string) []Env {
	var out []Env
	for _, f := range m.Fields() {
		out = append(out, Env{Name: f.Name(), At: f, Value: f, Program: program})
	}
	return out
}

func envList(list *document.Value, program string) []Env {
	var out []Env
	for _, item := range list.Items() {
		if name := item.Field("name"); name != nil && name.Kind == document.String {
			out = append(out, Env{Name: name.Text, At: name, Value: item.Field("value"), Named: true, Program: program})
		}
	}
	return out
}
