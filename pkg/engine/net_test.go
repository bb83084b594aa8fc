package engine

import (
	"strings"
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

// TestNetSameValue drops what a net catches at a value of which a rule has
// spoken, and keeps what it catches beside it on the same line.
func TestNetSameValue(t *testing.T) {
	place := func(column int, path string) finding.Location {
		return finding.Location{File: "f", Line: 3, Column: column, Path: path}
	}
	live := func(object, path string) finding.Location { return finding.Location{Object: object, Path: path} }
	for name, tc := range map[string]struct {
		net, cause finding.Location
		severity   finding.Severity
		want       int
	}{
		"exact: around":       {place(1, "pilot"), place(9, "pilot.min"), finding.Error, 2},
		"exact: the same":     {place(9, "pilot.min"), place(9, "pilot.min"), finding.Error, 1},
		"same value":          {place(9, "pilot.min"), place(9, "pilot.min"), finding.Error, 1},
		"inside":              {place(12, "pilot.env[0].name"), place(9, "pilot.env"), finding.Error, 1},
		"around":              {place(1, "pilot"), place(9, "pilot.min"), finding.Error, 1},
		"beside":              {place(20, "pilot.podLabels"), place(9, "pilot.min"), finding.Error, 2},
		"longer name":         {place(20, "pilot.minimum"), place(9, "pilot.min"), finding.Error, 2},
		"weighs less":         {place(9, "pilot.min"), place(9, "pilot.min"), finding.Warning, 2},
		"no path, one column": {place(9, "pilot.min"), place(9, ""), finding.Error, 1},
		"no path, two":        {place(20, "pilot.min"), place(9, ""), finding.Error, 2},
		"live":                {live("Service/shop/web", "spec.ports[0]"), live("Service/shop/web", "spec.ports[0].name"), finding.Error, 1},
		"live, beside":        {live("Service/shop/web", "spec.ports[1]"), live("Service/shop/web", "spec.ports[0]"), finding.Error, 2},
		"live, another":       {live("Service/shop/web", "spec.ports[0]"), live("Service/shop/api", "spec.ports[0]"), finding.Error, 2},
		"live, no path":       {live("Service/shop/web", ""), live("Service/shop/web", "spec"), finding.Error, 2},
	} {
		s := &snapshot.Snapshot{}
		s.Provide(snapshot.Configuration)
		net := ruleOf("N001", snapshot.Configuration, func(p *rule.Pass) { p.Reportf(tc.net, "refused") })
		net.Net, net.Exact = true, strings.HasPrefix(name, "exact")
		cause := ruleOf("A001", snapshot.Configuration, func(p *rule.Pass) { p.Reportf(tc.cause, "why").Severity = tc.severity })
		if got := len(Run([]*rule.Rule{net, cause}, s, Options{Stage: rule.Validate}).Findings); got != tc.want {
			t.Errorf("%s: %d findings, want %d", name, got, tc.want)
		}
	}
}
