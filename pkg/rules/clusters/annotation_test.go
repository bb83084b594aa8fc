package clusters_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/clusters"
)

// TestAnnotation wants an object to leave out what is found about it in its own
// cluster, and there only.
func TestAnnotation(t *testing.T) {
	all := clusters.All()
	i := slices.IndexFunc(all, func(r *rule.Rule) bool { return r.ID == "MC001" })
	dir := filepath.Join(ruletest.Root(t), "testdata", "rules", "MC001", "bad")
	for cluster, want := range map[string]int{"west": 3, "east": 4} {
		snap, stage := ruletest.Picture(t, all[i], dir)
		for _, c := range snap.Fleet {
			for _, s := range c.Services {
				if c.Cluster == cluster && s.Name == "web" {
					s.Annotations = map[string]string{"meshctl.io/ignore": "MC001: the old clients are gone soon"}
				}
			}
		}
		if rep := engine.Run(all, snap, engine.Options{Stage: stage}); len(rep.Findings) != want {
			t.Errorf("%s: %d findings, want %d: %+v", cluster, len(rep.Findings), want, rep.Findings)
		}
	}
}
