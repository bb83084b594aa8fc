package report

import (
	"slices"
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
)

// TestChange wants what is new reported, what is gone in a note, and what is
// suppressed after the change neither resolved nor lost.
func TestChange(t *testing.T) {
	of := func(name string) finding.Finding {
		return finding.Finding{Rule: "A001", Name: "wrong", Severity: finding.Error, Message: "wrong", At: finding.Location{Object: "Service/shop/" + name}}
	}
	failed := []RuleResult{{ID: "A001", Outcome: Failed}}
	before := New("analyze", failed, []finding.Finding{of("old"), of("gone"), of("ignored")})
	after := New("analyze", failed, []finding.Finding{of("old"), of("new")})
	after.Suppress([]Suppressed{{Finding: of("ignored"), By: Suppression{Kind: "annotation"}}})

	rep := Change(before, after)
	if len(rep.Findings) != 1 || rep.Findings[0].At.Object != "Service/shop/new" {
		t.Errorf("findings %+v", rep.Findings)
	}
	if want := []string{"resolved: Service/shop/gone: wrong [A001 wrong]"}; !slices.Equal(rep.Notes, want) {
		t.Errorf("notes %q, want %q", rep.Notes, want)
	}
	if len(rep.Suppressed) != 1 || rep.Summary.Suppressed != 1 {
		t.Errorf("suppressed %+v, %d counted", rep.Suppressed, rep.Summary.Suppressed)
	}
}
