package files

import (
	"path/filepath"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// operatorGroup is the API group of IstioOperator.
const operatorGroup = "install.istio.io"

// recognise returns the configurations that a document holds: none, one, or
// several where it is a list or the values of an umbrella chart.
func (f finder) recognise(d *document.Document) []*snapshot.Config {
	configs := f.find(d)
	for _, c := range configs {
		c.Patch = c.Patch || f.patches[filepath.Clean(d.File)] && (c.IsOperator() || c.Wrapper != nil)
		if d.Blanked {
			c.Unseen = append(c.Unseen, snapshot.Unseen{At: d.Root, Message: "the lines with template expressions were not judged", Silent: true})
		}
	}
	return configs
}

func (f finder) find(d *document.Document) []*snapshot.Config {
	if d.Root == nil || d.Root.Kind != document.Map {
		return nil
	}
	if configs, ok := f.object(d, d.Root); ok {
		return configs
	}
	if f.chart != "" {
		return []*snapshot.Config{{Chart: f.chart, Root: unwrap(d.Root)}}
	}
	if configs := f.refs.configs(d.File, d.Root); len(configs) > 0 {
		return configs
	}
	if configs, sure := f.homes.configs(d.File, d.Root); sure {
		return configs
	}
	if parts := umbrella(d.Root); parts != nil {
		return parts
	}
	if chart := chartOf(d.File, content(d.Root)); chart != "" {
		return []*snapshot.Config{{Chart: chart, Root: unwrap(d.Root)}}
	}
	return nil
}

// object looks into an object: an IstioOperator, one of a GitOps tool, or a
// list of objects. The second result is false for what is none of any kind.
func (f finder) object(d *document.Document, root *document.Value) ([]*snapshot.Config, bool) {
	if operator(root) {
		return []*snapshot.Config{{Root: root}}, true
	}
	if configs, ok := f.wrapped(d, root); ok {
		return configs, true
	}
	if isList(root) {
		var out []*snapshot.Config
		for _, item := range root.Field("items").Items() {
			configs, _ := f.object(d, item)
			out = append(out, configs...)
		}
		return out, true
	}
	return nil, object(root)
}

// object says whether a document is a Kubernetes object of some kind.
func object(root *document.Value) bool {
	return root.Field("apiVersion") != nil && root.Field("kind") != nil
}

// operator says whether a document is meant as an IstioOperator, be it with
// a misspelt kind, a misspelt group, or without both as istioctl accepts it.
func operator(root *document.Value) bool {
	kind, version := root.Str("kind"), root.Str("apiVersion")
	if kind == "IstioOperator" {
		return true
	}
	group, _, _ := strings.Cut(version, "/")
	if group == operatorGroup {
		return kind == "" || schema.Suggest(kind, []string{"IstioOperator"}) != ""
	}
	return kind == "" && version == "" && bareSpec(root)
}

// bareSpec recognises the spec of an IstioOperator by a field that says so.
func bareSpec(root *document.Value) bool {
	for _, f := range root.Fields() {
		if f.Name() != "metadata" && f.Name() != "spec" {
			return false
		}
	}
	spec := root.Field("spec")
	for _, name := range []string{"profile", "components", "meshConfig", "values"} {
		if spec.Field(name) != nil {
			return true
		}
	}
	return false
}

// wrapper is the key under which the charts keep their own defaults since
// 1.24. Copies of a chart's values.yaml carry it, and Helm merges it.
const wrapper = "_internal_defaults_do_not_set"

// unwrap returns the values of a copied values.yaml.
func unwrap(root *document.Value) *document.Value {
	inner := root.Field(wrapper)
	if inner == nil || len(root.Fields()) > 1 {
		return root
	}
	return inner
}

// content is unwrap for the wrapper of 1.21 to 1.23 as well, which newer
// charts refuse: it tells what the values are, and stays for the rules to see.
func content(root *document.Value) *document.Value {
	if inner := root.Field("defaults"); inner != nil && inner.Kind == document.Map && len(root.Fields()) == 1 {
		return inner
	}
	return unwrap(root)
}

// umbrella splits the values of a chart that has Istio's charts as
// dependencies: every key at the root is the name of one, or global.
func umbrella(root *document.Value) []*snapshot.Config {
	var out []*snapshot.Config
	certain := false
	for _, f := range root.Fields() {
		chart, own := dependency(f.Name())
		certain = certain || own
		values := f.Without("enabled") // Helm's condition, not the chart's
		switch {
		case f.Name() == "global":
			continue
		case chart == "" || f.Kind != document.Map:
			return nil
		case !own && len(values.Fields()) > 0 && !plausible(facts.Chart(chart), values):
			return nil
		}
		out = append(out, &snapshot.Config{Chart: chart, Root: withGlobal(chart, values, root.Field("global")), Off: f.IsFalse("enabled")})
	}
	if !certain {
		return nil
	}
	return out
}

// dependency is the chart that an umbrella chart's key stands for. A bare
// base, cni or gateway is a key of other charts too, so it is certain only
// beside others.
func dependency(key string) (chart string, certain bool) {
	switch key {
	case "istiod", "istio-istiod", "istio-discovery":
		return "istiod", true
	case "base", "istio-base":
		return "base", key != "base"
	case "cni", "istio-cni":
		return "cni", key != "cni"
	case "ztunnel", "istio-ztunnel":
		return "ztunnel", true
	case "gateway":
		return "gateway", false
	case "istio-gateway", "istio-ingressgateway", "istio-egressgateway", "istio-ingress", "istio-egress":
		return "gateway", true
	}
	return "", false
}

// plausible says whether most fields of a map are fields of a surface.
func plausible(s facts.Surface, v *document.Value) bool {
	n := knownFields(s, v)
	return n > 0 && n*2 >= len(v.Fields())
}

// knownFields counts the fields of a map that are fields of a surface.
func knownFields(s facts.Surface, v *document.Value) int {
	n := 0
	for _, f := range v.Fields() {
		if schema.Ever(s, f.Name()) {
			n++
		}
	}
	return n
}
