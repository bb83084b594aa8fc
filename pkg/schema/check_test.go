package schema

import (
	"fmt"
	"io/fs"
	"slices"
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

// TestEveryTypoIsFound misspells every field that the table knows in the
// newest minor and wants an unknown field at the right place each time.
func TestEveryTypoIsFound(t *testing.T) {
	tried := 0
	for _, surface := range []facts.Surface{facts.Spec, facts.Values, facts.MeshConfig, facts.Chart("istiod"), facts.Chart("cni"), facts.Chart("gateway"), facts.Chart("ztunnel"), facts.Chart("base")} {
		var walk func(n *node, open, path string, depth int)
		walk = func(n *node, open, path string, depth int) {
			for _, name := range n.names(facts.Embedded()) {
				tried++
				typo := name + "x"
				text := open + fmt.Sprintf("%*s%q: 1\n", depth*2, "", typo)
				issues := Check(document.Parse("f", []byte(text))[0].Root, surface, facts.Embedded())
				issues = slices.DeleteFunc(issues, func(i Issue) bool { return i.Class == Deprecated })
				if len(issues) != 1 || issues[0].Class != Unknown || issues[0].Value.KeyLocation().Line != depth+1 {
					t.Errorf("%s: typo of %s.%s: got %v", surface, path, name, issues)
				}
				c, _ := n.child(name)
				if c.shape == object && depth < 6 {
					walk(c, open+fmt.Sprintf("%*s%q:\n", depth*2, "", name), path+"."+name, depth+1)
				}
			}
		}
		walk(surfaceTree(surface), "", "", 0)
	}
	t.Logf("%d typos tried", tried)
	if tried < 1000 {
		t.Errorf("only %d typos tried", tried)
	}
}
