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

// TestEveryTypoIsFound misspells every field that the table knows, in every
// minor, and wants an unknown field at the right place each time.
func TestEveryTypoIsFound(t *testing.T) {
	tried := 0
	for _, release := range facts.Releases() {
		for _, surface := range surfaces() {
			tried += misspell(t, surface, release.Istio, surfaceTree(surface), "", 0)
		}
	}
	t.Logf("%d typos tried", tried)
	if tried < 15000 {
		t.Errorf("only %d typos tried", tried)
	}
}

func surfaces() []facts.Surface {
	out := []facts.Surface{facts.Spec, facts.Values, facts.MeshConfig}
	for _, chart := range facts.Charts() {
		out = append(out, facts.Chart(chart))
	}
	return out
}

func misspell(t *testing.T, s facts.Surface, istio facts.Minor, n *node, open string, depth int) int {
	tried := 0
	for _, name := range n.names(istio) {
		tried++
		text := open + fmt.Sprintf("%*s%q: 1\n", depth*2, "", name+"x")
		issues := Check(document.Parse("f", []byte(text))[0].Root, s, istio)
		issues = slices.DeleteFunc(issues, func(i Issue) bool { return i.Class == Deprecated || i.Class == Dead })
		if len(issues) != 1 || issues[0].Class != Unknown || issues[0].Value.KeyLocation().Line != depth+1 {
			t.Errorf("%s %s: typo of %s below\n%s: got %v", istio, s, name, open, issues)
		}
		c, _ := n.child(name)
		if c.shape == object && depth < 6 && !istio.Before(c.since) {
			tried += misspell(t, s, istio, c, open+fmt.Sprintf("%*s%q:\n", depth*2, "", name), depth+1)
		}
	}
	return tried
}

// TestRightFieldsAreSilent writes every field that the table knows with a
// value of its type, in every minor, and wants no finding but a deprecation.
func TestRightFieldsAreSilent(t *testing.T) {
	for _, release := range facts.Releases() {
		for _, s := range surfaces() {
			sound(t, s, release.Istio, surfaceTree(s), "", 0)
		}
	}
}

func sound(t *testing.T, s facts.Surface, istio facts.Minor, n *node, open string, depth int) {
	for _, name := range n.names(istio) {
		c, _ := n.child(name)
		key := open + fmt.Sprintf("%*s%q:", depth*2, "", name)
		root := document.Parse("f", []byte(key+" "+sample(c)+"\n"))[0].Root
		for _, issue := range Check(root, s, istio) {
			if issue.Class != Deprecated && issue.Class != Dead {
				t.Errorf("%s %s: %s", istio, s, issue.Message)
			}
		}
		if c.shape == object && depth < 6 {
			sound(t, s, istio, c, key+"\n", depth+1)
		}
	}
}

func sample(n *node) string {
	if len(n.enum) > 0 {
		return n.enum[0]
	}
	return map[shape]string{
		object: "{}", dict: "{}", list: "[]", text: `"x"`, boolean: "true", integer: "1", number: "1.5", duration: "1m", quantity: "500m",
	}[n.shape]
}
