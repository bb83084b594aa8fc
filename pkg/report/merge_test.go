package report

import "testing"

// TestMerge wants the worst outcome of a rule to count: what was skipped for
// one control plane has not passed.
func TestMerge(t *testing.T) {
	part := func(outcome Outcome, reason string) *Report {
		return New("verify", []RuleResult{{ID: "A001", Outcome: outcome, Reason: reason}}, nil)
	}
	for _, tc := range []struct {
		a, b              *Report
		outcome           Outcome
		reason, undecided string
	}{
		{part(Passed, "7 objects"), part(Skipped, "forbidden"), Skipped, "forbidden", ""},
		{part(Skipped, "forbidden"), part(Passed, "7 objects"), Skipped, "forbidden", ""},
		{part(Skipped, "forbidden"), part(Failed, ""), Failed, "", "forbidden"},
		{part(Passed, "7 objects"), part(Passed, "9 objects"), Passed, "7 objects; 9 objects", ""},
		{part(Crashed, "boom"), part(Failed, ""), Crashed, "boom", ""},
	} {
		m := Merge("verify", tc.a, tc.b)
		if r := m.Rules[0]; len(m.Rules) != 1 || r.Outcome != tc.outcome || r.Reason != tc.reason || r.Undecided != tc.undecided {
			t.Errorf("%s and %s: %+v", tc.a.Rules[0].Outcome, tc.b.Rules[0].Outcome, r)
		}
	}
	if m := Merge("verify", part(Passed, ""), part(Skipped, "")); m.Summary.Skipped != 1 || m.Summary.Passed != 0 {
		t.Errorf("summary %+v", m.Summary)
	}
}
