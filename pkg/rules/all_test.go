package rules_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/rules/injection"
	"github.com/meshctl/meshctl/pkg/rules/meshconfig"
	"github.com/meshctl/meshctl/pkg/rules/observability"
	"github.com/meshctl/meshctl/pkg/rules/others"
	"github.com/meshctl/meshctl/pkg/rules/platform"
	"github.com/meshctl/meshctl/pkg/rules/policy"
	manifestrules "github.com/meshctl/meshctl/pkg/rules/rendered"
	"github.com/meshctl/meshctl/pkg/rules/security"
	"github.com/meshctl/meshctl/pkg/rules/values"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

func TestCatalogue(t *testing.T) {
	if err := rule.Check(rules.All(), rules.Retired()); err != nil {
		t.Error(err)
	}
	for _, family := range [][]*rule.Rule{injection.All(), meshconfig.All(), observability.All(), others.All(), platform.All(), policy.All(), manifestrules.All(), security.All(), values.All()} {
		if !slices.IsSortedFunc(family, func(a, b *rule.Rule) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("the family of %s is not sorted by ID", family[0].ID)
		}
	}
}

// TestEveryRuleHasFixtures wants a bad and a good case of every rule that
// looks at files or at a cluster's objects; what only an API server answers is
// tried on a real one.
func TestEveryRuleHasFixtures(t *testing.T) {
	known := map[string]bool{}
	for _, r := range slices.Concat(injection.All(), meshconfig.All(), observability.All(), others.All(), platform.All(), policy.All()[:2], manifestrules.All(), security.All(), values.All()) {
		known[r.ID] = true
		bad, good := ruletest.Fixtures(t, r.ID)
		if slices.Contains(r.Needs, snapshot.Probes) {
			continue
		}
		if len(bad) == 0 || len(good) == 0 {
			t.Errorf("%s has %d bad and %d good fixtures, want one of each", r.ID, len(bad), len(good))
		}
	}
	entries, err := os.ReadDir(filepath.Join(ruletest.Root(t), "testdata", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.All() {
		known[r.ID] = true
	}
	for _, e := range entries {
		if !known[e.Name()] {
			t.Errorf("testdata/rules/%s belongs to no rule", e.Name())
		}
	}
}

// TestIstioItselfIsClean runs every rule over Istio's own profiles and the
// defaults of its charts: a gate that refuses those would be switched off.
func TestIstioItselfIsClean(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, istio(t)); err != nil {
		t.Fatal(err)
	}
	snap, err := files.Load([]string{dir}, nil, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := 15; len(snap.Configs) != want || snap.Others != 0 {
		t.Errorf("%d configurations and %d others, want %d and none", len(snap.Configs), snap.Others, want)
	}
	if err := rendered.Check(t.Context(), snap); err != nil {
		t.Fatal(err)
	}
	for _, r := range snap.Renderings {
		if r.Unknown != "" {
			t.Errorf("%s: not rendered: %s", r.Config.Root.Location(), r.Unknown)
		}
	}
	for _, f := range engine.Run(rules.All(), snap, engine.Options{Stage: rule.Validate}).Findings {
		if f.Severity > finding.Info {
			t.Errorf("%s: %s: %s [%s]", f.At, f.Severity, f.Message, f.Rule)
		}
	}
}

func istio(t *testing.T) fs.FS {
	out := fstest.MapFS{}
	add := func(from, to string) {
		data, err := fs.ReadFile(manifests.FS, from)
		if err != nil {
			t.Fatal(err)
		}
		out[to] = &fstest.MapFile{Data: data}
	}
	for _, chart := range []string{"base", "istio-cni", "ztunnel", "gateway", "istio-control/istio-discovery"} {
		add("charts/"+chart+"/values.yaml", "charts/"+chart+"/values.yaml")
	}
	profiles, err := fs.Glob(manifests.FS, "profiles/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range profiles {
		add(p, p)
	}
	return out
}
