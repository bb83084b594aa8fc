package values

import (
	"io/fs"
	"strconv"
	"testing"

	"istio.io/istio/manifests"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/document"
)

// TestDefaultsAreTheCharts compares the copied defaults with the linked
// charts. They are copies because reading five charts would cost every run
// more than all the rules that need them.
func TestDefaultsAreTheCharts(t *testing.T) {
	compared := 0
	for _, d := range []struct {
		chart string
		path  []string
		copy  *document.Value
	}{
		{"istio-control/istio-discovery", nil, istiodDefaults()},
		{"gateways/istio-ingress", []string{"gateways", "istio-ingressgateway"}, gatewayDefaults()},
		{"gateways/istio-egress", []string{"gateways", "istio-egressgateway"}, gatewayDefaults()},
		{"gateway", []string{"resources"}, chartDefaults(proxyResources())},
		{"istio-control/istio-discovery", []string{"global", "proxy", "resources"}, chartDefaults(proxyResources())},
		{"istio-control/istio-discovery", []string{"global", "waypoint", "resources"}, chartDefaults(proxyResources())},
		{"istio-cni", []string{"resources"}, cniDefaults()},
		{"ztunnel", []string{"resources"}, ztunnelDefaults()},
	} {
		data, err := fs.ReadFile(manifests.FS, "charts/"+d.chart+"/values.yaml")
		if err != nil {
			t.Fatal(err)
		}
		root := document.Parse(d.chart, data)[0].Root
		own := root.Field("_internal_defaults_do_not_set")
		if own == nil {
			own = root
		}
		compared += sameAs(t, d.chart, d.copy, own.At(d.path...))
	}
	t.Logf("%d defaults compared", compared)
}

func sameAs(t *testing.T, at string, copied, chart *document.Value) int {
	t.Helper()
	if chart == nil {
		t.Errorf("%s: the chart has no such value", at)
		return 0
	}
	if copied.Scalar() {
		if canonical(copied.Text) != canonical(chart.Text) {
			t.Errorf("%s: is %q in the chart, %q here", at, chart.Text, copied.Text)
		}
		return 1
	}
	n := 0
	for _, f := range copied.Fields() {
		n += sameAs(t, at+" "+f.Name(), f, chart.Field(f.Name()))
	}
	return n
}

// canonical prints equal quantities alike, and leaves other texts as they are.
func canonical(text string) string {
	q, err := resource.ParseQuantity(text)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(q.AsApproximateFloat64(), 'g', -1, 64)
}
