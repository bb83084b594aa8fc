// Package engine runs rules over a snapshot and makes the report. It knows
// no rule by name.
package engine

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
)

// Options choose rules and change how much their findings weigh.
type Options struct {
	Stage rule.Stage
	// Select and Ignore hold rule IDs or prefixes of IDs. An empty Select
	// takes every rule; Ignore wins.
	Select, Ignore []string
	// Severity replaces the severity of rules' findings, by ID or prefix.
	Severity map[string]finding.Severity
	// Suppress holds the suppressions of the configuration file and of the
	// baseline. Those in comments come from the snapshot and go first.
	Suppress []*suppress.Entry
	// KeyOf is the key under which a baseline holds a finding.
	KeyOf func(finding.Finding) string
	// Names are all rules that a comment may name; nil for those of the run.
	Names suppress.Names
	// Off names parts that the user does not want to be looked at, each with
	// the reason; the rules that need one are left out.
	Off map[snapshot.Part]string
	// Interrupted, if set, is asked before each rule; once it returns an error
	// no further rule runs, and the report is not to be used.
	Interrupted func() error
}

// Run runs every selected rule of the stage and reports what each had to say,
// in the order of their IDs. A rule that panics is marked crashed; the
// others run all the same. Severities are replaced first, then findings are
// suppressed, then the rules about suppressions have their say.
func Run(rules []*rule.Rule, s *snapshot.Snapshot, o Options) *report.Report {
	rules = slices.DeleteFunc(slices.Clone(rules), func(r *rule.Rule) bool { return !r.In(o.Stage) || !o.takes(r) })
	rules, notes := o.on(rules)
	results, findings := o.each(rules, s, nil)
	findings = withoutEchoes(rules, results, findings)
	ledger := o.ledger(rules, s, results)
	findings, left := ledger.Apply(report.Sort(findings))
	reviews, about := o.each(rules, s, ledger)
	about, more := ledger.Apply(report.Sort(about))

	results, findings, left = append(results, reviews...), append(findings, about...), append(left, more...)
	slices.SortFunc(results, func(a, b report.RuleResult) int { return cmp.Compare(a.ID, b.ID) })
	acquit(results, findings, left)
	results = slices.DeleteFunc(results, func(r report.RuleResult) bool { return !o.selects(r.ID) && r.Outcome != report.Failed })
	rep := report.New(string(o.Stage), results, findings)
	rep.Suppress(suppressed(left))
	rep.Notes = notes
	rep.Target = report.Target{
		Istio: s.Target.Istio.String(), Kubernetes: s.Target.Kubernetes,
		Platform: s.Target.Platform, Context: s.Target.Context,
	}
	if s.Target.From.Known() {
		rep.Target.From = s.Target.From.String()
	}
	return rep
}

// Parts lists what the selected rules of the stage need to see.
func Parts(rules []*rule.Rule, o Options) []snapshot.Part {
	var out []snapshot.Part
	for _, r := range rules {
		if r.In(o.Stage) && o.takes(r) {
			out = append(out, r.Needs...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// each runs the rules, on all processors: without a ledger those about the
// snapshot, with one those about suppressions. Their order does not change
// what is returned.
func (o Options) each(rules []*rule.Rule, s *snapshot.Snapshot, l *suppress.Ledger) (results []report.RuleResult, findings []finding.Finding) {
	rules = slices.DeleteFunc(slices.Clone(rules), func(r *rule.Rule) bool { return (r.Review == nil) != (l == nil) })
	results, found := make([]report.RuleResult, len(rules)), make([][]finding.Finding, len(rules))
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range rules {
		if o.Interrupted != nil && o.Interrupted() != nil {
			break
		}
		workers.Go(func() error {
			results[i], found[i] = o.one(r, s, l)
			return nil // a rule that crashes says so in its result
		})
	}
	_ = workers.Wait()
	return results, slices.Concat(found...)
}

// one runs a rule, with the severity that the user gave it.
func (o Options) one(r *rule.Rule, s *snapshot.Snapshot, l *suppress.Ledger) (report.RuleResult, []finding.Finding) {
	result, found := run(r, s, l)
	if severity, ok := o.severity(r.ID); ok {
		result.Severity = severity
		for i := range found {
			found[i].Severity = severity
		}
	}
	return result, found
}

// on leaves out the rules that need a part which is switched off, and says so
// once a part.
func (o Options) on(rules []*rule.Rule) (kept []*rule.Rule, notes []string) {
	off := map[string]int{}
	for _, r := range rules {
		why := ""
		for _, part := range r.Needs {
			why = cmp.Or(why, o.Off[part])
		}
		if why == "" {
			kept = append(kept, r)
		} else {
			off[why]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(off)) {
		notes = append(notes, fmt.Sprintf("%s; checks left out: %d", why, off[why]))
	}
	return kept, notes
}

// takes says whether a rule is to be run: a selection does not leave out what
// tells of files that cannot be read.
func (o Options) takes(r *rule.Rule) bool {
	if r.Unreadable {
		o.Select = nil
	}
	return o.selects(r.ID)
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

func run(r *rule.Rule, s *snapshot.Snapshot, l *suppress.Ledger) (result report.RuleResult, found []finding.Finding) {
	result = report.RuleResult{
		ID: r.ID, Name: r.Name, Category: r.Category, Severity: r.Severity, Outcome: report.Passed,
		Summary: r.Summary, Why: r.Why, Fix: r.Fix,
	}
	for _, part := range r.Needs {
		if ok, reason := s.Has(part); !ok {
			result.Outcome, result.Reason = report.Skipped, reason
			if settled(r, s, part) {
				result.Outcome, result.Reason = report.Passed, "nothing here depends on the "+string(part)
			}
			return result, nil
		}
	}
	defer func() {
		if p := recover(); p != nil {
			result.Outcome, result.Reason, found = report.Crashed, fmt.Sprint(p), nil
		}
	}()
	pass := rule.NewPass(r, s)
	if r.Review != nil {
		r.Review(pass, l)
	} else {
		r.Run(pass)
	}
	found = pass.Findings()
	undecided := reasons(pass.Undecided())
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
