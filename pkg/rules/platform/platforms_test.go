package platform_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/platform"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const operator = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n"

// Configurations that name no platform.
const (
	plugin  = operator + "  components:\n    cni: {enabled: true}\n"
	ambient = operator + "  profile: ambient\n"
)

// need is what a platform asks for, and a configuration that has it.
type need struct {
	rule, text string // of the finding
	file       string
	lacks, has string
}

func needs() map[string][]need {
	value := func(name string) []need {
		return []need{
			{"PLT001", "needs spec.values.global.platform: " + name, "istio.yaml", plugin, plugin + "  values: {global: {platform: " + name + "}}\n"},
			{"PLT001", "needs spec.values.global.platform: " + name, "istio.yaml", ambient, ambient + "  values: {global: {platform: " + name + "}}\n"},
			{"PLT001", "needs global.platform: " + name, "values-cni.yaml", "cniLogLevel: info\nexcludeNamespaces: [kube-system]\n", "cniLogLevel: info\nglobal: {platform: " + name + "}\n"},
		}
	}
	openshift := value("openshift")
	openshift[0].has = operator + "  profile: openshift\n"
	openshift[1].has = operator + "  profile: openshift-ambient\n"
	return map[string][]need{
		"openshift": openshift,
		"k3d":       value("k3d"), "k3s": value("k3s"), "microk8s": value("microk8s"), "gke": value("gke"),
		"minikube": {value("minikube")[1]},
	}
}

// cheap are the rules that need nothing rendered, which takes its time.
func cheap() []*rule.Rule {
	return slices.DeleteFunc(platform.All(), func(r *rule.Rule) bool { return slices.Contains(r.Needs, snapshot.Rendered) })
}

// TestPlatforms lets every platform be recognised by its nodes and objects,
// with its own server and with one whose version says nothing, and wants
// precheck to ask for the values that it needs, and for nothing once they are
// set.
func TestPlatforms(t *testing.T) {
	for _, p := range facts.Platforms() {
		t.Run(p.ID, func(t *testing.T) {
			dir := filepath.Join(ruletest.Root(t), "testdata", "platforms", p.ID)
			scene := ruletest.Scene{Dir: dir, Stage: rule.Precheck, File: "istio.yaml", Text: ambient}
			if got := ruletest.Judge(t, nil, scene).Target.Platform; got != p.ID {
				t.Fatalf("detected as %q", got)
			}
			for _, n := range needs()[p.ID] {
				scene.File, scene.Text = n.file, n.lacks
				if rep := ruletest.Judge(t, cheap(), scene); !asks(rep, n) {
					t.Errorf("%s without the value: no %s %q in %s", n.file, n.rule, n.text, messages(rep))
				}
				scene.Text = n.has
				if rep := ruletest.Judge(t, cheap(), scene); rep.Summary.Error+rep.Summary.Warning > 0 {
					t.Errorf("%s with the value: %s", n.file, messages(rep))
				}
			}
			if p.Value != "" && len(needs()[p.ID]) == 0 {
				t.Error("the charts have settings for it, and none is asked for")
			}
		})
	}
}

func asks(rep *report.Report, n need) bool {
	for _, f := range rep.Findings {
		if f.Rule == n.rule && strings.Contains(f.Message, n.text) {
			return true
		}
	}
	return false
}

func messages(rep *report.Report) string {
	var out strings.Builder
	for _, f := range rep.Findings {
		out.WriteString("\n  " + f.Rule + " " + f.Severity.String() + ": " + f.Message)
	}
	return out.String()
}
