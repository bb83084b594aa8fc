package clusters_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/clusters"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestDoubts wants no rule to pass where a cluster was not read, or where its
// remote secrets are not known.
func TestDoubts(t *testing.T) {
	one := func(name string) *snapshot.Snapshot {
		s := &snapshot.Snapshot{Cluster: name}
		for _, part := range engine.Parts(clusters.All(), engine.Options{Stage: rule.Fleet}) {
			s.Provide(part)
		}
		return s
	}
	blind := one("b")
	blind.Miss(snapshot.Secrets, "secrets: forbidden")
	for name, tc := range map[string]struct {
		with   *snapshot.Snapshot
		unread []string
		want   report.Outcome
		reason string
	}{
		"unread":    {one("b"), []string{"c", "d"}, report.Skipped, "c, d could not be read"},
		"blind":     {blind, nil, report.Skipped, "whether a cluster is one mesh with another: b: secrets: forbidden"},
		"two alone": {one("b"), nil, report.Passed, "no two clusters were taken for one mesh: none has a remote secret for another, and no two have the same mesh ID"},
	} {
		s := one("")
		s.Fleet, s.Unread = []*snapshot.Snapshot{one("a"), tc.with}, tc.unread
		rep := engine.Run(clusters.All(), s, engine.Options{Stage: rule.Fleet})
		if len(rep.Rules) != len(clusters.All()) {
			t.Fatalf("%d rules ran", len(rep.Rules))
		}
		for _, r := range rep.Rules {
			if r.Outcome != tc.want || r.Reason != tc.reason {
				t.Errorf("%s: %s: %s %q, want %s %q", name, r.ID, r.Outcome, r.Reason, tc.want, tc.reason)
			}
		}
	}
}
