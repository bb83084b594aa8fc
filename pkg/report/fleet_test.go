package report

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
)

func ofOne(name string, outcome Outcome, reason string, found ...finding.Finding) Named {
	r := New("analyze", []RuleResult{{ID: "A001", Outcome: outcome, Reason: reason}}, found)
	r.Target = Target{Istio: "1.31", Kubernetes: name}
	return Named{name, r}
}

// TestFleet wants every cluster's findings under its name, what could not be
// told with the cluster's name, and a cluster that was not read as a failure.
func TestFleet(t *testing.T) {
	at := func(cluster string) finding.Finding {
		return finding.Finding{Rule: "A001", Severity: finding.Error, Message: "wrong", At: finding.Location{Cluster: cluster, Object: "Service/shop/web"}}
	}
	gone := Named{"gone", New("analyze", nil, nil)}
	gone.Failure = "no route"
	rep := Fleet("analyze", []Named{
		ofOne("b", Failed, "", at("b")), ofOne("a", Failed, "", at("a")), ofOne("c", Skipped, "forbidden"), gone,
	}, New("", []RuleResult{{ID: "M001", Outcome: Passed, Reason: "all one"}}, nil))
	if len(rep.Findings) != 2 || rep.Findings[0].At.String() != "a: Service/shop/web" || rep.Summary.Error != 2 {
		t.Errorf("findings %+v", rep.Findings)
	}
	if r := rep.Rule("A001"); r.Outcome != Failed || r.Undecided != "c: forbidden" {
		t.Errorf("A001: %+v", r)
	}
	if r := rep.Rule("M001"); r.Outcome != Passed || r.Reason != "all one" {
		t.Errorf("M001: %+v", r)
	}
	if rep.Failure != "gone was not checked: no route" || len(rep.Clusters) != 4 || rep.Clusters[3].Summary != nil {
		t.Errorf("failure %q, clusters %+v", rep.Failure, rep.Clusters)
	}
	if rep.Target != (Target{Istio: "1.31", Context: "b, a, c"}) {
		t.Errorf("target %+v", rep.Target)
	}
}

func TestReasonsOfClusters(t *testing.T) {
	for name, tc := range map[string]struct {
		parts  []Named
		want   Outcome
		reason string
	}{
		"alike":     {[]Named{ofOne("a", Skipped, "no"), ofOne("b", Skipped, "no")}, Skipped, "no"},
		"different": {[]Named{ofOne("a", Skipped, "no"), ofOne("b", Skipped, "why"), ofOne("c", Skipped, "no")}, Skipped, "a, c: no; b: why"},
		"one knows": {[]Named{ofOne("a", Passed, "fine"), ofOne("b", Skipped, "no")}, Skipped, "b: no"},
		"crashed":   {[]Named{ofOne("a", Crashed, "oops"), ofOne("b", Passed, "fine")}, Crashed, "a: oops"},
		"passed":    {[]Named{ofOne("a", Passed, "3 looked at"), ofOne("b", Passed, "4 looked at")}, Passed, "a: 3 looked at; b: 4 looked at"},
	} {
		if r := Fleet("analyze", tc.parts, New("", nil, nil)).Rule("A001"); r.Outcome != tc.want || r.Reason != tc.reason {
			t.Errorf("%s: %s %q, want %s %q", name, r.Outcome, r.Reason, tc.want, tc.reason)
		}
	}
}
