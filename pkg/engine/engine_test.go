package engine

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
)

func ruleOf(id string, needs snapshot.Part, run func(*rule.Pass)) *rule.Rule {
	return &rule.Rule{ID: id, Name: "r", Severity: finding.Error, Stages: []rule.Stage{rule.Validate}, Needs: []snapshot.Part{needs}, Run: run}
}

func reports(p *rule.Pass) { p.Reportf(finding.Location{File: "f", Line: 1}, "found") }

func TestOutcomes(t *testing.T) {
	s := &snapshot.Snapshot{}
	s.Provide(snapshot.Configuration)
	s.Miss(snapshot.CRDs, "CRDs: forbidden")
	rules := []*rule.Rule{
		ruleOf("A001", snapshot.Configuration, func(*rule.Pass) {}),
		ruleOf("A002", snapshot.Configuration, reports),
		ruleOf("A003", snapshot.CRDs, reports),
		ruleOf("A004", snapshot.Webhooks, reports),
		ruleOf("A005", snapshot.Configuration, func(*rule.Pass) { panic("oops") }),
		ruleOf("A006", snapshot.Configuration, func(p *rule.Pass) { p.Undecidedf("who knows") }),
	}
	rep := Run(rules, s, Options{Stage: rule.Validate})
	want := map[string]struct {
		outcome report.Outcome
		reason  string
	}{
		"A001": {report.Passed, ""},
		"A002": {report.Failed, ""},
		"A003": {report.Skipped, "CRDs: forbidden"},
		"A004": {report.Skipped, "webhooks: not read by this command"},
		"A005": {report.Crashed, "oops"},
		"A006": {report.Skipped, "who knows"},
	}
	for _, r := range rep.Rules {
		if w := want[r.ID]; r.Outcome != w.outcome || r.Reason != w.reason {
			t.Errorf("%s: %s %q, want %s %q", r.ID, r.Outcome, r.Reason, w.outcome, w.reason)
		}
	}
	if s := rep.Summary; s.Passed != 1 || s.Error != 1 || s.Skipped != 3 || s.Crashed != 1 {
		t.Errorf("summary %+v", s)
	}
}

func TestSelection(t *testing.T) {
	s := &snapshot.Snapshot{}
	s.Provide(snapshot.Configuration)
	rules := []*rule.Rule{ruleOf("A001", snapshot.Configuration, reports), ruleOf("A002", snapshot.Configuration, reports), ruleOf("B001", snapshot.Configuration, reports)}
	for name, tc := range map[string]struct {
		o    Options
		want int
	}{
		"all":           {Options{}, 3},
		"prefix":        {Options{Select: []string{"A"}}, 2},
		"lower case":    {Options{Select: []string{"a001"}}, 1},
		"ignore wins":   {Options{Select: []string{"A"}, Ignore: []string{"A001"}}, 1},
		"another stage": {Options{Stage: rule.Verify}, 0},
	} {
		if tc.o.Stage == "" {
			tc.o.Stage = rule.Validate
		}
		if rep := Run(rules, s, tc.o); len(rep.Rules) != tc.want {
			t.Errorf("%s: %d rules ran, want %d", name, len(rep.Rules), tc.want)
		}
	}
	rep := Run(rules, s, Options{Stage: rule.Validate, Severity: map[string]finding.Severity{"A001": finding.Info}})
	if rep.Summary.Info != 1 || rep.Summary.Error != 2 {
		t.Errorf("severity override: %+v", rep.Summary)
	}
	if bad := Unknown(rules, []string{"A", "b001", "C"}); len(bad) != 1 || bad[0] != "C" {
		t.Errorf("unknown selectors: %q", bad)
	}
}

// TestInterrupted starts no further rule, beside those that run already.
func TestInterrupted(t *testing.T) {
	var ran atomic.Int32
	var all []*rule.Rule
	for i := range 20 + runtime.GOMAXPROCS(0) {
		all = append(all, ruleOf(fmt.Sprintf("A%03d", i), snapshot.Configuration, func(*rule.Pass) { ran.Add(1) }))
	}
	s := &snapshot.Snapshot{}
	s.Provide(snapshot.Configuration)
	stop := func() error {
		if ran.Load() > 0 {
			return errors.New("interrupted")
		}
		return nil
	}
	Run(all, s, Options{Stage: rule.Validate, Interrupted: stop})
	if n, most := int(ran.Load()), 1+runtime.GOMAXPROCS(0); n < 1 || n > most {
		t.Errorf("%d rules ran, want at most %d", n, most)
	}
}

// TestUnreadable wants a broken file to fail whatever is selected.
func TestUnreadable(t *testing.T) {
	s := &snapshot.Snapshot{}
	s.Provide(snapshot.Configuration)
	broken := ruleOf("D001", snapshot.Configuration, reports)
	broken.Unreadable = true
	fine := ruleOf("D002", snapshot.Configuration, func(*rule.Pass) {})
	fine.Unreadable = true
	other := ruleOf("A001", snapshot.Configuration, func(*rule.Pass) {})
	all := []*rule.Rule{broken, fine, other}

	rep := Run(all, s, Options{Stage: rule.Validate, Select: []string{"A"}})
	if len(rep.Findings) != 1 || len(rep.Rules) != 2 {
		t.Errorf("selected: %d findings of %d rules, want 1 of 2: %+v", len(rep.Findings), len(rep.Rules), rep.Rules)
	}
	key := func(f finding.Finding) string { return f.Rule }
	known := &suppress.Entry{Kind: suppress.Baseline, Rule: "D001", Key: "D001", Limit: 1, Seen: func() bool { return true }}
	if rep = Run(all, s, Options{Stage: rule.Validate, Suppress: []*suppress.Entry{known}, KeyOf: key}); len(rep.Findings) != 1 {
		t.Errorf("a baseline left a broken file out: %+v", rep.Suppressed)
	}
	if rep = Run(all, s, Options{Stage: rule.Validate, Ignore: []string{"D001"}}); len(rep.Findings) != 0 {
		t.Errorf("ignored by name: %+v", rep.Findings)
	}
}
