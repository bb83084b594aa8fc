package schema

import (
	"io/fs"
	"testing"

	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// chartDirs says where the module keeps each chart.
var chartDirs = map[string]string{
	"base": "base", "istiod": "istio-control/istio-discovery", "cni": "istio-cni", "ztunnel": "ztunnel", "gateway": "gateway",
}

// TestChartDefaultsAreKnown proves that no chart's own defaults raise a
// finding: a gate that refuses them would be switched off on the first day.
func TestChartDefaultsAreKnown(t *testing.T) {
	for chart, dir := range chartDirs {
		data, err := fs.ReadFile(manifests.FS, "charts/"+dir+"/values.yaml")
		if err != nil {
			t.Fatal(err)
		}
		root := document.Parse(chart, data)[0].Root.Field("_internal_defaults_do_not_set")
		for _, issue := range Check(root, facts.Chart(chart), facts.Embedded()) {
			if issue.Class != Deprecated {
				t.Errorf("%s: %s", issue.Value.Location(), issue.Message)
			}
		}
	}
}

// TestProfilesAreKnown does the same for the bundled istioctl profiles.
func TestProfilesAreKnown(t *testing.T) {
	entries, err := fs.ReadDir(manifests.FS, "profiles")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := fs.ReadFile(manifests.FS, "profiles/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		root := document.Parse(e.Name(), data)[0].Root.Field("spec")
		for _, issue := range Check(root, facts.Spec, facts.Embedded()) {
			t.Errorf("%s: %s", issue.Value.Location(), issue.Message)
		}
	}
}

func surfaces() []facts.Surface {
	out := []facts.Surface{facts.Spec, facts.Values, facts.Unvalidated, facts.MeshConfig}
	for _, chart := range facts.Charts() {
		out = append(out, facts.Chart(chart))
	}
	return out
}

func sample(n *node) string {
	if len(n.enum) > 0 {
		return n.enum[0]
	}
	return map[shape]string{
		object: "{}", dict: "{}", list: "[]", text: `"x"`, boolean: "true", integer: "1", number: "1.5", duration: "1m", quantity: "500m",
	}[n.shape]
}
