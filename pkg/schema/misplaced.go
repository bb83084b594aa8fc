package schema

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// misplaced says where a field with that name belongs, in the cases that
// people meet most: Helm-only values in an IstioOperator, values at the top
// of the spec, and proxy settings beside meshConfig instead of inside it.
func misplaced(f *document.Value, s facts.Surface, istio facts.Minor) string {
	name := f.Name()
	switch s {
	case facts.Values:
		if helmOnly(f, istio) {
			return "the chart has it, but istioctl refuses it; set it under spec.unvalidatedValues"
		}
	case facts.Spec:
		if _, ok := lookup(facts.Values, istio, name); ok && strings.Count(f.Path(), ".") == 1 {
			return fmt.Sprintf("move it to spec.values.%s", name)
		}
	}
	if s == facts.MeshConfig {
		if _, ok := lookup(facts.MeshConfig, istio, "defaultConfig", name); ok {
			return fmt.Sprintf("move it to meshConfig.defaultConfig.%s", name)
		}
	}
	if _, ok := lookup(facts.MeshConfig, istio, name); ok {
		if s == facts.Spec {
			return fmt.Sprintf("move it to spec.meshConfig.%s", name)
		}
		return fmt.Sprintf("move it to meshConfig.%s", name)
	}
	return ""
}

// helmOnly looks a path below spec.values up in the charts.
func helmOnly(f *document.Value, istio facts.Minor) bool {
	path := strings.Split(strings.TrimPrefix(f.Path(), "spec.values."), ".")
	for _, chart := range facts.Charts() {
		if _, ok := lookup(facts.Chart(chart), istio, path...); ok {
			return true
		}
		if len(path) > 1 {
			if _, ok := lookup(facts.Chart(chart), istio, path[1:]...); ok && prefixOf(chart) == path[0] {
				return true
			}
		}
	}
	return false
}

// prefixOf is the key under spec.values that holds a chart's own values.
func prefixOf(chart string) string {
	if chart == "istiod" {
		return "pilot"
	}
	return chart
}

func lookup(s facts.Surface, istio facts.Minor, path ...string) (*node, bool) {
	n := surfaceTree(s)
	for _, name := range path {
		c, ok := n.child(name)
		if !ok || status(c, istio) != alive {
			return nil, false
		}
		n = c
	}
	return n, true
}

// Known says whether a field exists on a surface in a minor.
func Known(s facts.Surface, istio facts.Minor, path ...string) bool {
	_, ok := lookup(s, istio, path...)
	return ok
}
