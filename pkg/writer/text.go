package writer

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// TextOptions change how text looks.
type TextOptions struct {
	// Color adds ANSI colours.
	Color bool
	// Snippets adds the source line, a caret and the fix below a finding.
	Snippets bool
	// Source returns a line of a file, without its end; "" if not known.
	Source func(file string, line int) string
	// Suppressed lists the findings that were left out, and why.
	Suppressed bool
	// Quiet leaves out the summary and passed checks.
	Quiet bool
	// Brief leaves out passed checks, and says how to see them.
	Brief bool
	// Most is how many findings of one rule are printed; 0 for all. The others
	// are counted.
	Most int
	// Least is the severity from which on findings are printed.
	Least finding.Severity
}

// Text prints one line a finding, as compilers do, then what was skipped and
// a summary.
func Text(w io.Writer, r *report.Report, o TextOptions) error {
	b := bufio.NewWriter(w)
	p := painter(o.Color)
	printed := map[string]int{}
	for _, f := range r.Findings {
		if f.Severity < o.Least {
			continue
		}
		if printed[f.Rule]++; o.Most > 0 && printed[f.Rule] > o.Most {
			continue
		}
		line(b, p, f)
		if o.Snippets {
			snippet(b, p, f, o)
			advise(b, p, r, f)
		}
	}
	for _, rule := range r.Rules {
		if more := printed[rule.ID] - o.Most; o.Most > 0 && more > 0 {
			fmt.Fprintf(b, "%d more of [%s %s]; -v and the other formats have them all\n", more, rule.ID, rule.Name)
		}
	}
	if !o.Quiet {
		if o.Suppressed {
			suppressed(b, p, r)
		}
		unknowns(b, p, r)
		for _, note := range r.Notes {
			fmt.Fprintln(b, clean(note))
		}
		eachCluster(b, r)
		summary(b, r, o.Brief)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing text: %w", err)
	}
	return nil
}

func line(w io.Writer, p painter, f finding.Finding) {
	fmt.Fprintf(w, "%s: %s: %s [%s %s]\n", p.bold(clean(f.At.String())), p.severity(f.Severity), clean(f.Message), f.Rule, f.Name)
	for _, rel := range f.Related {
		fmt.Fprintf(w, "    %s: %s\n", clean(rel.At.String()), clean(rel.Message))
	}
}

// suppressed lists what was left out, one line a finding.
func suppressed(w io.Writer, p painter, r *report.Report) {
	for _, s := range r.Suppressed {
		why := s.By.Kind
		if s.By.Reason != "" {
			why += ": " + s.By.Reason
		}
		fmt.Fprintf(w, "%s %s: %s: %s [%s %s]\n    %s: %s\n", p.dim("suppressed"), clean(s.At.String()), s.Severity,
			clean(s.Message), s.Rule, s.Name, clean(s.By.At.String()), clean(why))
	}
}

// width is how many cells of a terminal the first code points of a line take.
func width(text string, runes int) int {
	all := []rune(clean(strings.ReplaceAll(text, "\t", " ")))
	return runewidth.StringWidth(string(all[:max(0, min(runes, len(all)))]))
}

func snippet(w io.Writer, p painter, f finding.Finding, o TextOptions) {
	if o.Source != nil && f.At.Line > 0 {
		if text := o.Source(f.At.File, f.At.Line); text != "" {
			gutter := fmt.Sprintf("%4d | ", f.At.Line)
			marks := 1
			if f.At.EndLine == f.At.Line && f.At.EndColumn > f.At.Column {
				marks = width(text, f.At.EndColumn-1) - width(text, f.At.Column-1)
			}
			fmt.Fprintf(w, "%s%s\n", p.dim(gutter), clean(strings.ReplaceAll(text, "\t", " ")))
			fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", len(gutter)+width(text, f.At.Column-1)), p.severityText(f.Severity, "^"+strings.Repeat("~", max(marks-1, 0))))
		}
	}
}

// advise prints what to do: the finding's own fix, or its rule's advice.
func advise(w io.Writer, p painter, r *report.Report, f finding.Finding) {
	if advice := advice(r, f); advice != "" {
		fmt.Fprintf(w, "       %s %s\n", p.dim("fix:"), clean(advice))
	}
}

func advice(r *report.Report, f finding.Finding) string {
	if f.Fix != nil {
		return f.Fix.Description
	}
	if rule := r.Rule(f.Rule); rule != nil {
		return rule.Fix
	}
	return ""
}

// unknowns lists what could not be decided, one line a reason; silence would
// look like a pass.
func unknowns(w io.Writer, p painter, r *report.Report) {
	for _, u := range undecided(r) {
		if len(u.rules) > 1 && !r.Files.Any() && u.why == nothingRead {
			fmt.Fprintf(w, "nothing was found to check: %s\n", clean(u.why))
			continue
		}
		fmt.Fprintf(w, "%s because %s: %s\n", p.dim(u.outcome), clean(u.why), strings.Join(short(u.rules), ", "))
	}
}

// short leaves of many rules the IDs.
func short(rules []string) []string {
	if len(rules) <= 5 {
		return rules
	}
	var out []string
	for _, r := range rules {
		id, _, _ := strings.Cut(r, " ")
		out = append(out, id)
	}
	return out
}

// nothingRead is the reason of so many rules that their names say nothing.
const nothingRead = "no configuration could be read from the files"

// unknown is a reason why rules could not decide.
type unknown struct {
	outcome, why string
	rules        []string
}

// undecided groups the rules that could not decide by the reason, in the
// order of the report.
func undecided(r *report.Report) []unknown {
	var out []unknown
	for _, rule := range r.Rules {
		outcome, why := string(rule.Outcome), rule.Reason
		if rule.Undecided != "" {
			outcome, why = "undecided", rule.Undecided
		}
		if outcome == string(report.Passed) || outcome == string(report.Failed) {
			continue
		}
		i := slices.IndexFunc(out, func(u unknown) bool { return u.outcome == outcome && u.why == why })
		if i < 0 {
			i = len(out)
			out = append(out, unknown{outcome: outcome, why: why})
		}
		out[i].rules = append(out[i].rules, label(rule.ID, rule.Name))
	}
	return out
}

// summary counts what was found and looked at; of a brief report it says how
// to see the rest.
func summary(w io.Writer, r *report.Report, brief bool) {
	s := r.Summary
	if s.Fixed > 0 {
		fmt.Fprintf(w, "%s fixed; left: ", finding.Count(s.Fixed, "finding"))
	}
	fmt.Fprintf(w, "%s, %s, %d info", finding.Count(s.Error, "error"), finding.Count(s.Warning, "warning"), s.Info)
	if s.Suppressed > 0 {
		fmt.Fprintf(w, ", %d suppressed", s.Suppressed)
	}
	fmt.Fprintf(w, "; %s passed", finding.Count(s.Passed, "check"))
	if s.Skipped > 0 {
		fmt.Fprintf(w, ", %d skipped", s.Skipped)
	}
	if s.Crashed > 0 {
		fmt.Fprintf(w, ", %d crashed", s.Crashed)
	}
	if r.Files.Any() {
		fmt.Fprintf(w, "; %s checked", r.Files)
	}
	if r.Files.Others > 0 {
		fmt.Fprintf(w, ", %s of other kinds not looked at", finding.Count(r.Files.Others, "document"))
	}
	if brief {
		fmt.Fprint(w, "; -v shows all")
	}
	fmt.Fprintln(w)
	if r.Blind() {
		fmt.Fprintf(w, "%s could not run, most of all: what they look at is not judged, and --strict makes that fail\n", finding.Count(s.Skipped, "check"))
	}
	if r.Failure != "" && !slices.ContainsFunc(r.Clusters, func(c report.Cluster) bool { return c.Failure != "" }) {
		fmt.Fprintf(w, "stopped: %s\n", clean(r.Failure))
	}
}

// eachCluster says what became of each of several clusters, one line each.
func eachCluster(w io.Writer, r *report.Report) {
	for _, c := range r.Clusters {
		if c.Summary == nil {
			fmt.Fprintf(w, "%s: not checked: %s\n", clean(c.Name), clean(c.Failure))
			continue
		}
		s := c.Summary
		fmt.Fprintf(w, "%s: %s, %s, %d info", clean(c.Name), finding.Count(s.Error, "error"), finding.Count(s.Warning, "warning"), s.Info)
		fmt.Fprintf(w, "; %s passed", finding.Count(s.Passed, "check"))
		if s.Skipped > 0 {
			fmt.Fprintf(w, ", %d skipped", s.Skipped)
		}
		if s.Blind() {
			fmt.Fprint(w, ", which is most of all: what they look at is not judged")
		}
		if c.Target != nil {
			fmt.Fprintf(w, "; Istio %s on Kubernetes %s", clean(c.Target.Istio), clean(c.Target.Kubernetes))
		}
		fmt.Fprintln(w)
	}
}
