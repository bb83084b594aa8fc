// Package engine runs rules over a snapshot and makes the report. It knows
// no rule by name.
package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Options choose rules and change how much their findings weigh.
type Options struct {
	Stage rule.Stage
	// Select and Ignore hold rule IDs or prefixes of IDs. An empty Select
	// takes every rule; Ignore wins.
	Select, Ignore []string
	// Severity replaces the severity of rules' findings, by ID or prefix.
	Severity map[string]finding.Severity
}

// Run runs every selected rule of the stage, in the order of their IDs, and
// reports what each had to say. A rule that panics is marked crashed; the
// others run all the same.
func Run(rules []*rule.Rule, s *snapshot.Snapshot, o Options) *report.Report {
	var results []report.RuleResult
	var findings []finding.Finding
	for _, r := range rules {
		if !r.In(o.Stage) || !o.selects(r.ID) {
			continue
		}
		result, found := run(r, s)
		if severity, ok := o.severity(r.ID); ok {
			result.Severity = severity
			for i := range found {
				found[i].Severity = severity
			}
		}
		results = append(results, result)
		findings = append(findings, found...)
	}
	slices.SortFunc(results, func(a, b report.RuleResult) int { return cmp.Compare(a.ID, b.ID) })
	rep := report.New(string(o.Stage), results, findings)
	rep.Target = report.Target{
		Istio: s.Target.Istio.String(), Kubernetes: s.Target.Kubernetes,
		Platform: s.Target.Platform, Context: s.Target.Context,
	}
	return rep
}

func (o Options) selects(id string) bool {
	match := func(prefix string) bool { return strings.HasPrefix(id, strings.ToUpper(prefix)) }
	return (len(o.Select) == 0 || slices.ContainsFunc(o.Select, match)) && !slices.ContainsFunc(o.Ignore, match)
}

// severity is the override for a rule; the longest matching prefix wins.
func (o Options) severity(id string) (out finding.Severity, ok bool) {
	best := ""
	for prefix, s := range o.Severity {
		if strings.HasPrefix(id, prefix) && len(prefix) > len(best) {
			best, out, ok = prefix, s, true
		}
	}
	return out, ok
}

func run(r *rule.Rule, s *snapshot.Snapshot) (result report.RuleResult, found []finding.Finding) {
	result = report.RuleResult{ID: r.ID, Name: r.Name, Category: r.Category, Severity: r.Severity, Outcome: report.Passed}
	for _, part := range r.Needs {
		if ok, reason := s.Has(part); !ok {
			result.Outcome, result.Reason = report.Skipped, reason
			return result, nil
		}
	}
	defer func() {
		if p := recover(); p != nil {
			result.Outcome, result.Reason, found = report.Crashed, fmt.Sprint(p), nil
		}
	}()
	pass := rule.NewPass(r, s)
	r.Run(pass)
	found = pass.Findings()
	undecided := strings.Join(slices.Compact(pass.Undecided()), "; ")
	switch {
	case len(found) > 0:
		// What could not be told stays said beside what was found.
		result.Outcome, result.Undecided = report.Failed, undecided
	case undecided != "":
		result.Outcome, result.Reason = report.Skipped, undecided
	default:
		result.Reason = pass.Looked()
	}
	return result, found
}

// Unknown returns the selectors that match no rule, so that a misspelt one
// does not silently select nothing.
func Unknown(rules []*rule.Rule, selectors []string) []string {
	var out []string
	for _, sel := range selectors {
		if !slices.ContainsFunc(rules, func(r *rule.Rule) bool { return strings.HasPrefix(r.ID, strings.ToUpper(sel)) }) {
			out = append(out, sel)
		}
	}
	return out
}
