package charts

import (
	"sync"

	chartv2 "helm.sh/helm/v4/pkg/chart/v2"

	"istio.io/istio/manifests"
)

// parsed are the bundled charts that were loaded, by folder.
var parsed sync.Map

// Bundled returns a chart of the linked Istio module, parsed once a process.
// Its templates change the values that they are given, so Values must be
// copied before it is rendered.
func Bundled(chart string) (*chartv2.Chart, error) {
	if c, ok := parsed.Load(chart); ok {
		return c.(*chartv2.Chart), nil
	}
	c, err := folder(manifests.FS, "charts/"+Folder(chart))
	if err != nil {
		return nil, err
	}
	known, _ := parsed.LoadOrStore(chart, c)
	return known.(*chartv2.Chart), nil
}

// Folder is where Istio keeps a chart below manifests/charts.
func Folder(chart string) string {
	switch chart {
	case "istiod":
		return "istio-control/istio-discovery"
	case "cni":
		return "istio-cni"
	}
	return chart
}
