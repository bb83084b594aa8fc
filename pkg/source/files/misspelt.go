package files

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/schema"
)

// meantKind is the kind of an object, or the one of a GitOps tool that it is
// certainly a misspelling of: nothing would look into the object otherwise,
// and all of its values would pass unseen.
func meantKind(root *document.Value) string {
	kind := root.Str("kind")
	group, _, _ := strings.Cut(root.Str("apiVersion"), "/")
	kinds := kindsOf(group)
	if slices.Contains(kinds, kind) {
		return kind
	}
	if meant, sure := schema.Meant(kind, kinds); sure {
		return meant
	}
	return kind
}

// kindsOf lists the kinds of an API group that may hold values, and those
// beside them that look alike.
func kindsOf(group string) []string {
	switch group {
	case "helm.toolkit.fluxcd.io":
		return []string{"HelmRelease"}
	case "argoproj.io":
		return []string{"Application", "ApplicationSet"}
	case "sailoperator.io":
		return []string{"Istio", "IstioCNI", "IstioRevision", "IstioRevisionTag", "ZTunnel"}
	case "helm.cattle.io":
		return []string{"HelmChart", "HelmChartConfig"}
	}
	return nil
}

// meantChart is the chart of Istio's that a name is certainly a misspelling
// of; "" for others. Short names are near to many words, so those need Istio's
// own repository, which has no other charts.
func meantChart(chart, repository string) string {
	if chart == "" || known(chart) == "" || strings.HasPrefix(chart, ".") || strings.HasPrefix(chart, "/") {
		return "" // a folder may have any name
	}
	name := chartName(chart)
	if name == "istio" {
		return "" // many call a chart of their own so
	}
	candidates := []string{"istiod", "ztunnel"}
	if strings.Contains(repository, "istio-release") || repository == "istio" {
		candidates = append(candidates, "base", "cni", "gateway")
	}
	if meant, sure := schema.Meant(name, candidates); sure && !strings.EqualFold(meant, name) {
		return meant
	}
	return ""
}
