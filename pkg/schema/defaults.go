package schema

import (
	"io/fs"

	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/document"
)

// chartDir is where the linked module keeps a chart.
func chartDir(chart string) string {
	switch chart {
	case "istiod":
		return "charts/istio-control/istio-discovery"
	case "cni":
		return "charts/istio-cni"
	}
	return "charts/" + chart
}

// ChartDefaults says whether values are exactly the linked chart's own
// defaults, as a copy of its values.yaml is.
func ChartDefaults(chart string, v *document.Value) bool {
	data, err := fs.ReadFile(manifests.FS, chartDir(chart)+"/values.yaml")
	if err != nil {
		return false
	}
	docs := document.Parse(chart, data)
	return len(docs) == 1 && docs[0].Root != nil && same(docs[0].Root.Field(Wrappers()[1]), v)
}

func same(a, b *document.Value) bool {
	if a == nil || b == nil || a.Kind != b.Kind || a.Text != b.Text || len(a.Fields()) != len(b.Fields()) || len(a.Items()) != len(b.Items()) {
		return false
	}
	for _, f := range a.Fields() {
		if !same(f, b.Field(f.Name())) {
			return false
		}
	}
	for i, item := range a.Items() {
		if !same(item, b.Items()[i]) {
			return false
		}
	}
	return true
}
