package engine

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// A check for which a missing flag makes no difference passes; one that it
// could make fail on a single platform or version does not.
func TestSettled(t *testing.T) {
	s := &snapshot.Snapshot{}
	s.Miss(snapshot.Platform, "no --platform given")
	s.Miss(snapshot.ServerVersion, "no --kubernetes-version given")
	s.Miss(snapshot.Running, "no --from-version given")
	quiet := func(*rule.Pass) {}
	on := func(platform string) func(*rule.Pass) {
		return func(p *rule.Pass) {
			if p.Target.Platform == platform {
				reports(p)
			}
		}
	}
	old := func(p *rule.Pass) {
		if p.Target.Kubernetes == "1.28.0" {
			p.Undecidedf("perhaps")
		}
	}
	rep := Run([]*rule.Rule{
		ruleOf("A001", snapshot.Platform, quiet),
		ruleOf("A002", snapshot.Platform, on("microk8s")),
		ruleOf("A003", snapshot.ServerVersion, quiet),
		ruleOf("A004", snapshot.ServerVersion, old),
		ruleOf("A005", snapshot.Running, quiet),
	}, s, Options{Stage: rule.Validate})
	want := map[string]report.Outcome{"A001": report.Passed, "A002": report.Skipped, "A003": report.Passed, "A004": report.Skipped, "A005": report.Skipped}
	for _, r := range rep.Rules {
		if r.Outcome != want[r.ID] {
			t.Errorf("%s: %s (%s), want %s", r.ID, r.Outcome, r.Reason, want[r.ID])
		}
	}
	if s.Target.Platform != "" || rep.Target.Platform != "" {
		t.Errorf("the platform was left at %q", s.Target.Platform)
	}
}

func TestReasons(t *testing.T) {
	if got := reasons([]string{"a", "b", "a", "c", "d", "b", "e"}); got != "a; b; c; and 2 more" {
		t.Errorf("got %q", got)
	}
}
