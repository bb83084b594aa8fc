package engine

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestNetRepeats drops a list of complaints without a place where another
// rule has made each of them, and keeps one that says more.
func TestNetRepeats(t *testing.T) {
	for name, tc := range map[string]struct {
		message string
		want    int
	}{
		"all said":  {"it does not render: 2 errors occurred: * bad port: 0 * bad timeout , 2 errors occurred: * bad port: 0 * bad timeout", 2},
		"one more":  {"it does not render: 2 errors occurred: * bad port: 0 * something else", 3},
		"unrelated": {"it does not render: no such chart", 3},
	} {
		s := &snapshot.Snapshot{}
		s.Provide(snapshot.Configuration)
		net := ruleOf("N001", snapshot.Configuration, func(p *rule.Pass) { p.Reportf(finding.Location{File: "f"}, "%s", tc.message) })
		net.Net = true
		cause := ruleOf("A001", snapshot.Configuration, func(p *rule.Pass) {
			p.Reportf(finding.Location{File: "f", Line: 3}, "refused: bad port: 0")
			p.Reportf(finding.Location{File: "f", Line: 4}, "refused: bad timeout")
		})
		if got := len(Run([]*rule.Rule{net, cause}, s, Options{Stage: rule.Validate}).Findings); got != tc.want {
			t.Errorf("%s: %d findings, want %d", name, got, tc.want)
		}
	}
}
