package schema

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

const belowValues = "spec.values."

// belowUnvalidated is the path prefix of values that istioctl passes on to
// the charts as they are.
const belowUnvalidated = "spec.unvalidatedValues."

// helmOnly says whether the charts that an IstioOperator installs have a path
// below spec.values that its own schema lacks. Those of istiod and the CNI
// take their values at the root or below pilot and cni, ztunnel's are handed
// to it without their prefix.
func helmOnly(f *document.Value, istio facts.Minor) bool {
	path := strings.Split(strings.TrimPrefix(f.Path(), belowValues), ".")
	if len(path) < 2 || strings.ContainsAny(f.Path(), "[\"") {
		return false
	}
	for _, chart := range []string{"base", "istiod", "cni", "ztunnel"} {
		if _, ok := lookup(facts.Chart(chart), istio, path...); ok {
			return true
		}
		if path[0] != prefixOf(chart) {
			continue
		}
		if _, ok := lookup(facts.Chart(chart), istio, path[1:]...); ok {
			return true
		}
	}
	return false
}

// beside tells where a value that only the charts know has to be written.
func beside(f *document.Value) string {
	path := strings.TrimPrefix(f.Path(), belowValues)
	return fmt.Sprintf("%s is a value of the charts that istioctl refuses in an IstioOperator; set spec.unvalidatedValues.%s", f.Path(), path)
}

// prefixOf is the key under spec.values that holds a chart's own values.
func prefixOf(chart string) string {
	if chart == "istiod" {
		return "pilot"
	}
	return chart
}
