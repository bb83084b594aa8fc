package writer

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// Checklist prints the checks of a cluster by category, one line a check:
// ✔ passed, ✗ failed, ! worth a look, − not decided. Quiet leaves all but the
// findings out, Brief what passed.
func Checklist(w io.Writer, r *report.Report, o TextOptions) error {
	b := bufio.NewWriter(w)
	p := painter(o.Color)
	if !o.Quiet && !o.Brief {
		target(b, r)
	}
	rules := slices.DeleteFunc(slices.Clone(r.Rules), func(rule report.RuleResult) bool { return o.hides(r, rule) })
	for _, category := range categories(rules) {
		fmt.Fprintln(b, p.bold(category))
		for _, rule := range rules {
			if rule.Category == category {
				entry(b, p, r, rule, o)
			}
		}
		fmt.Fprintln(b)
	}
	if o.Brief {
		skipped := slices.DeleteFunc(slices.Clone(r.Rules), func(rule report.RuleResult) bool { return rule.Outcome != report.Skipped })
		unknowns(b, p, &report.Report{Rules: skipped, Files: r.Files})
	}
	if !o.Quiet {
		summary(b, r, o.Brief)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing text: %w", err)
	}
	return nil
}

// hides says whether nothing is to be said about a rule.
func (o TextOptions) hides(r *report.Report, rule report.RuleResult) bool {
	switch rule.Outcome {
	case report.Passed:
		return o.Quiet || o.Brief
	case report.Skipped:
		return o.Quiet || o.Brief // which tells them by their reasons
	case report.Crashed:
		return false
	}
	unsure := rule.Undecided != "" && !o.Quiet
	return !unsure && !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Rule == rule.ID && f.Severity >= o.Least })
}

// target says what was looked at and for what.
func target(w io.Writer, r *report.Report) {
	t := r.Target
	fmt.Fprintf(w, "Istio %s on Kubernetes %s, platform %s", clean(t.Istio), clean(cmp.Or(t.Kubernetes, "unknown")), clean(cmp.Or(t.Platform, "unknown")))
	if t.Context != "" {
		fmt.Fprintf(w, ", context %s", clean(t.Context))
	}
	fmt.Fprint(w, "\n\n")
}

// categories keeps the order in which the rules come, so that a report reads
// the same every time; the objects come first, because what is wrong with them
// is the cause of much else.
func categories(rules []report.RuleResult) []string {
	var out []string
	for _, r := range rules {
		if !slices.Contains(out, r.Category) {
			out = append(out, r.Category)
		}
	}
	if i := slices.Index(out, "Objects"); i > 0 {
		out = slices.Insert(slices.Delete(out, i, i+1), 0, "Objects")
	}
	return out
}

func entry(w io.Writer, p painter, r *report.Report, rule report.RuleResult, o TextOptions) {
	label := fmt.Sprintf("%s %s", rule.ID, rule.Name)
	switch rule.Outcome {
	case report.Passed:
		if rule.Reason != "" {
			label += ": " + clean(rule.Reason)
		}
		fmt.Fprintf(w, "  %s %s\n", p.green("✔"), label)
	case report.Skipped, report.Crashed:
		fmt.Fprintf(w, "  %s %s: %s: %s\n", p.dim("−"), label, rule.Outcome, clean(rule.Reason))
	default:
		failures(w, p, r, rule, o.Least)
	}
}

func failures(w io.Writer, p painter, r *report.Report, rule report.RuleResult, least finding.Severity) {
	worst := finding.Info
	var own []finding.Finding
	for _, f := range r.Findings {
		if f.Rule == rule.ID && f.Severity >= least {
			own = append(own, f)
			worst = max(worst, f.Severity)
		}
	}
	mark := "!"
	if worst == finding.Error {
		mark = "✗"
	}
	fmt.Fprintf(w, "  %s %s %s\n", p.severityText(worst, mark), rule.ID, rule.Name)
	for _, f := range own {
		fmt.Fprintf(w, "      %s: %s: %s\n", clean(f.At.String()), p.severity(f.Severity), clean(f.Message))
	}
	if rule.Undecided != "" {
		fmt.Fprintf(w, "      %s %s\n", p.dim("undecided:"), clean(rule.Undecided))
	}
	if rule.Fix != "" {
		fmt.Fprintf(w, "      %s %s\n", p.dim("fix:"), clean(rule.Fix))
	}
}
