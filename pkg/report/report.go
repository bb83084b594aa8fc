// Package report is the result of a run as plain data. Its JSON form is a
// contract: schemaVersion changes when a reader would have to.
package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// SchemaVersion names the JSON form.
const SchemaVersion = "meshctl.report/v1"

// Outcome is what became of one rule.
type Outcome string

// The outcomes. Skipped means "we do not know" and never counts as passed.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
	Crashed Outcome = "crashed"
)

// Report is everything that one command has to say.
type Report struct {
	SchemaVersion string            `json:"schemaVersion"`
	Command       string            `json:"command"`
	Tool          Tool              `json:"tool"`
	Target        Target            `json:"target"`
	Summary       Summary           `json:"summary"`
	Rules         []RuleResult      `json:"rules"`
	Findings      []finding.Finding `json:"findings"`
	// Suppressed are the findings that a user decided to leave out, in the
	// same order.
	Suppressed []Suppressed `json:"suppressed"`
	// Files counts what was read.
	Files Files `json:"files"`
	// Clusters are those that were looked at, where there were several.
	Clusters []Cluster `json:"clusters,omitempty"`
	// Plan counts what an installation would do or did; nil for commands
	// that plan none.
	Plan *Plan `json:"plan,omitempty"`
	// Notes say what the user switched off.
	Notes []string `json:"notes,omitempty"`
	// Failure says why the command stopped before its end; "" if it did not.
	Failure string `json:"failure,omitempty"`
}

// Plan counts objects by what an installation does to them.
type Plan struct {
	Create    int `json:"create"`
	Change    int `json:"change"`
	Delete    int `json:"delete"`
	Unchanged int `json:"unchanged"`
}

// Tool is the program that made the report.
type Tool struct {
	Version string `json:"version"`
	Istio   string `json:"istio"`
}

// Target is what was checked for.
type Target struct {
	Istio      string `json:"istio,omitempty"`
	From       string `json:"from,omitempty"`
	Kubernetes string `json:"kubernetes,omitempty"`
	Platform   string `json:"platform,omitempty"`
	Context    string `json:"context,omitempty"`
}

// Files counts what was read: configurations of an installation and objects of
// a mesh were checked, other documents were left alone.
type Files struct {
	Checked int `json:"checked"`
	Objects int `json:"objects,omitempty"`
	Others  int `json:"others"`
}

// Any says whether anything was read.
func (f Files) Any() bool { return f != Files{} }

// String names what was checked.
func (f Files) String() string {
	var parts []string
	if f.Checked > 0 || f.Objects == 0 {
		parts = append(parts, finding.Count(f.Checked, "configuration"))
	}
	if f.Objects > 0 {
		parts = append(parts, finding.Count(f.Objects, "object"))
	}
	return strings.Join(parts, " and ")
}

// Summary counts findings by severity and rules by outcome.
type Summary struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
	Passed  int `json:"passed"`
	Skipped int `json:"skipped"`
	Crashed int `json:"crashed"`
	// Suppressed counts findings that a comment, the configuration file or
	// a baseline took out.
	Suppressed int `json:"suppressed"`
	// Fixed counts the findings that --fix took out of the files.
	Fixed int `json:"fixed,omitempty"`
}

// RuleResult is the outcome of one rule.
type RuleResult struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Category string           `json:"category"`
	Severity finding.Severity `json:"severity"`
	Outcome  Outcome          `json:"outcome"`
	// Reason says why a rule was skipped or crashed, or what one that
	// passed looked at.
	Reason string `json:"reason,omitempty"`
	// Undecided says what a rule that failed could not tell besides.
	Undecided string `json:"undecided,omitempty"`
	// Summary says in one sentence what the rule reports, Why what goes wrong
	// otherwise, Fix what to do.
	Summary string `json:"summary,omitempty"`
	Why     string `json:"why,omitempty"`
	Fix     string `json:"fix,omitempty"`
}

// Suppressed is a finding that was left out.
type Suppressed struct {
	finding.Finding
	By Suppression `json:"by"`
}

// Suppression is the decision to leave a finding out.
type Suppression struct {
	// Kind is comment, annotation, config or baseline.
	Kind string `json:"kind"`
	// Reason is what its author gave; a baseline has none.
	Reason string `json:"reason,omitempty"`
	// At is where it is written.
	At finding.Location `json:"location"`
}

// New sorts findings by cluster, file, line, column and rule, removes repeats and
// counts. The same input gives the same bytes.
func New(command string, rules []RuleResult, findings []finding.Finding) *Report {
	r := &Report{SchemaVersion: SchemaVersion, Command: command, Rules: rules, Findings: Sort(findings), Suppressed: []Suppressed{}}
	if r.Rules == nil {
		r.Rules = []RuleResult{}
	}
	if r.Findings == nil {
		r.Findings = []finding.Finding{}
	}
	r.count()
	return r
}

// Sort puts findings in the order of a report and removes repeats.
func Sort(findings []finding.Finding) []finding.Finding {
	slices.SortStableFunc(findings, compare)
	return slices.CompactFunc(findings, func(a, b finding.Finding) bool {
		b.Severity = a.Severity // of two that say the same, the heavier comes first
		return compare(a, b) == 0
	})
}

// Suppress adds findings that were left out.
func (r *Report) Suppress(left []Suppressed) {
	r.Suppressed = append(r.Suppressed, left...)
	slices.SortStableFunc(r.Suppressed, func(a, b Suppressed) int { return compare(a.Finding, b.Finding) })
	r.Suppressed = slices.CompactFunc(r.Suppressed, func(a, b Suppressed) bool { return compare(a.Finding, b.Finding) == 0 })
	r.count()
}

func compare(a, b finding.Finding) int {
	return cmp.Or(
		cmp.Compare(a.At.Cluster, b.At.Cluster), cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line),
		cmp.Compare(a.At.Column, b.At.Column), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.At.Object, b.At.Object), cmp.Compare(a.At.Path, b.At.Path), cmp.Compare(a.Message, b.Message),
		cmp.Compare(b.Severity, a.Severity),
	)
}

func (r *Report) count() {
	r.Summary = Summary{Suppressed: len(r.Suppressed), Fixed: r.Summary.Fixed}
	for _, f := range r.Findings {
		switch f.Severity {
		case finding.Error:
			r.Summary.Error++
		case finding.Warning:
			r.Summary.Warning++
		default:
			r.Summary.Info++
		}
	}
	for _, rule := range r.Rules {
		switch rule.Outcome {
		case Passed:
			r.Summary.Passed++
		case Skipped:
			r.Summary.Skipped++
		case Crashed:
			r.Summary.Crashed++
		}
	}
}

// Reached says whether any finding is at or above a severity.
func (r *Report) Reached(min finding.Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Severity >= min })
}

// Undecided says whether any rule could not tell everything.
func (r *Report) Undecided() bool {
	return r.Summary.Skipped > 0 || slices.ContainsFunc(r.Rules, func(rule RuleResult) bool { return rule.Undecided != "" })
}

// Blind says whether more checks of a cluster could not run than passed, as for
// a user with few rights: that nothing was found then says little.
func (r *Report) Blind() bool { return r.Target.Context != "" && r.Summary.Blind() }

// Blind says whether more checks were skipped than ran.
func (s Summary) Blind() bool { return s.Skipped > s.Passed+s.Error+s.Warning+s.Info }

// Rule returns the result of one rule, nil if it did not run.
func (r *Report) Rule(id string) *RuleResult {
	for i := range r.Rules {
		if r.Rules[i].ID == id {
			return &r.Rules[i]
		}
	}
	return nil
}

// Join makes one report of several stages of a command. Of a rule that ran in
// several stages a failure stays; else the later stage, which knew more, has
// the last word.
func Join(command string, parts ...*Report) *Report {
	var rules []RuleResult
	var findings []finding.Finding
	for _, part := range parts {
		findings = append(findings, part.Findings...)
		for _, r := range part.Rules {
			i := slices.IndexFunc(rules, func(have RuleResult) bool { return have.ID == r.ID })
			if i < 0 {
				rules = append(rules, r)
			} else if rules[i].Outcome == Passed || rules[i].Outcome == Skipped {
				rules[i] = r
			}
		}
	}
	slices.SortFunc(rules, func(a, b RuleResult) int { return cmp.Compare(a.ID, b.ID) })
	joined := New(command, rules, findings)
	for _, part := range parts {
		joined.Suppress(part.Suppressed)
	}
	if len(parts) > 0 {
		last := parts[len(parts)-1]
		joined.Target, joined.Files = last.Target, parts[0].Files
		joined.Notes = parts[0].Notes
	}
	return joined
}
