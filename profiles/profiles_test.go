package profiles_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
	"github.com/meshctl/meshctl/profiles"
)

// TestProfilesAreClean runs every rule of validate over every profile, as
// --strict does: nothing may be reported and nothing skipped.
func TestProfilesAreClean(t *testing.T) {
	for _, p := range profiles.All() {
		for _, platform := range platforms(p) {
			t.Run(p.Name+" on "+platform, func(t *testing.T) {
				snap := load(t, files.Options{Profile: p.Name, Platform: platform, Kubernetes: "1.34", From: facts.NothingRuns})
				if err := rendered.Check(context.Background(), snap); err != nil {
					t.Fatal(err)
				}
				rep := engine.Run(rules.All(), snap, engine.Options{Stage: rule.Validate})
				for _, f := range rep.Findings {
					t.Errorf("%s: %s: %s [%s]", f.At, f.Severity, f.Message, f.Rule)
				}
				for _, r := range rep.Rules {
					if r.Outcome != report.Passed {
						t.Errorf("%s %s: %s", r.ID, r.Outcome, r.Reason)
					}
				}
			})
		}
	}
}

// platforms are those that a profile is checked for; one for any is checked
// for those that need no settings of their own.
func platforms(p profiles.Profile) []string {
	if p.Platform != "" {
		return []string{p.Platform}
	}
	return []string{"eks", "aks", "gke", "kind", "oke", "k3s", "rke2", "talos"}
}

func load(t *testing.T, o files.Options) *snapshot.Snapshot {
	t.Helper()
	snap, err := files.Merge(nil, nil, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// TestProfilesRender looks at what the settings come to: autoscalers and
// budgets that agree, and distroless images everywhere.
func TestProfilesRender(t *testing.T) {
	for _, p := range profiles.All() {
		t.Run(p.Name, func(t *testing.T) {
			manifests, err := rendered.Render(load(t, files.Options{Profile: p.Name}).Configs[0], rendered.Options{})
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[string]int{}
			for _, m := range manifests {
				kinds[m.Object.GetKind()]++
				text, err := json.Marshal(m.Object.Object)
				if err != nil {
					t.Fatal(err)
				}
				if kind := m.Object.GetKind(); (kind == "Deployment" || kind == "DaemonSet") && !strings.Contains(string(text), ":"+facts.EmbeddedRelease+"-distroless\"") {
					t.Errorf("%s %s has no distroless image", kind, m.Object.GetName())
				}
			}
			if kinds["HorizontalPodAutoscaler"] != 2 || kinds["PodDisruptionBudget"] != 2 || kinds["Deployment"] != 2 {
				t.Errorf("rendered %v, want two Deployments, each with an autoscaler and a budget", kinds)
			}
		})
	}
}

// TestProfilesAgree wants the platforms' profiles to be the one for any, but
// for what the platform needs.
func TestProfilesAgree(t *testing.T) {
	common := spec(t, "production")
	for _, p := range profiles.All() {
		own := spec(t, p.Name)
		for _, path := range [][]string{{"meshConfig"}, {"components", "pilot"}, {"values", "global", "variant"}, {"values", "global", "proxy"}} {
			if diff := cmp.Diff(common.At(path...).Any(), own.At(path...).Any()); diff != "" {
				t.Errorf("%s: %v differs from production's: %s", p.Name, path, diff)
			}
		}
	}
}

// TestEveryFileIsListed wants every file of the folder among the profiles.
func TestEveryFileIsListed(t *testing.T) {
	found, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if name := strings.TrimSuffix(path, ".yaml"); !slices.Contains(profiles.Names(), name) {
			t.Errorf("%s is not listed", path)
		}
	}
	for _, name := range profiles.Names() {
		embedded, _ := profiles.YAML(name)
		data, err := os.ReadFile(name + ".yaml")
		if err != nil || !slices.Equal(data, embedded) {
			t.Errorf("%s: the file is not what is printed (%v)", name, err)
		}
	}
}

func spec(t *testing.T, name string) *document.Value {
	t.Helper()
	return load(t, files.Options{Profile: name}).Configs[0].Root.Field("spec")
}
