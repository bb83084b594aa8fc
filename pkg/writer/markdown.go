package writer

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

const (
	// maxComment is a little less than the 65,536 characters that GitHub
	// takes for a comment, counted in bytes; GitLab takes more.
	maxComment = 65_000
	// shown findings stand in the open; the rest is folded away.
	shown = 20
)

// Markdown prints the report for a comment on a pull request: the verdict,
// the worst findings, and folded away the rest, what the rules say and what
// could not be checked. Its first line is invisible and the same every time,
// so that a bot finds the comment to replace.
func Markdown(w io.Writer, r *report.Report) error {
	c := comment{room: maxComment}
	c.add(fmt.Sprintf("<!-- meshctl %s -->\n%s\n\n%s\n%s", clean(r.Command), verdict(r), counted(r), perCluster(r)))
	tail := foldedUnknowns(r)
	if len(tail) > maxComment/4 {
		tail = "\nMore checks could not be made than a comment can hold; see the full report.\n"
	}
	c.room -= len(tail)
	c.findings(worstFirst(r.Findings))
	c.folded("What the failed checks mean", "", explained(r))
	c.room += len(tail)
	c.add(tail)
	if _, err := io.WriteString(w, c.text.String()); err != nil {
		return fmt.Errorf("writing markdown: %w", err)
	}
	return nil
}

func verdict(r *report.Report) string {
	s := r.Summary
	title := "✅ meshctl " + prose(r.Command) + " found nothing wrong"
	switch {
	case r.Failure != "" && len(r.Clusters) > 0:
		title = fmt.Sprintf("❌ meshctl %s could not check every cluster: %s, %s, %d info in the others", prose(r.Command), finding.Count(s.Error, "error"), finding.Count(s.Warning, "warning"), s.Info)
	case r.Failure != "":
		title = "❌ meshctl " + prose(r.Command) + " stopped: " + markup(r.Failure)
	case s.Error+s.Warning+s.Info > 0:
		mark := "❌"
		if s.Error == 0 {
			mark = "⚠️"
		}
		title = fmt.Sprintf("%s meshctl %s: %s, %s, %d info", mark, prose(r.Command), finding.Count(s.Error, "error"), finding.Count(s.Warning, "warning"), s.Info)
	case s.Passed == 0 || s.Crashed > 0 || r.Blind():
		title = "⚠️ meshctl " + prose(r.Command) + " could not check everything"
	}
	return "### " + title
}

// counted is the second line: how much was looked at, and for what.
func counted(r *report.Report) string {
	var b strings.Builder
	s := r.Summary
	fmt.Fprintf(&b, "%s passed", finding.Count(s.Passed, "check"))
	for _, n := range []struct {
		count int
		what  string
	}{{s.Skipped, "skipped"}, {s.Crashed, "crashed"}, {s.Suppressed, "suppressed"}} {
		if n.count > 0 {
			fmt.Fprintf(&b, ", %d %s", n.count, n.what)
		}
	}
	if r.Files.Checked+r.Files.Objects > 0 {
		fmt.Fprintf(&b, "; %s checked", r.Files)
	}
	t := r.Target
	for _, part := range [][2]string{{"Istio", t.Istio}, {"Kubernetes", t.Kubernetes}, {"platform", t.Platform}, {"context", t.Context}} {
		if part[1] != "" {
			fmt.Fprintf(&b, ", %s %s", part[0], prose(part[1]))
		}
	}
	return b.String() + "."
}

// worstFirst puts errors before warnings before the rest, each in the order
// of the report.
func worstFirst(in []finding.Finding) []finding.Finding {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b finding.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return out
}

func row(f finding.Finding) string {
	text := markup(f.Message)
	if f.Fix != nil && f.Fix.Description != "" {
		text += "<br>Fix: " + markup(f.Fix.Description)
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", code(f.At.String()), f.Severity, text, prose(label(f.Rule, f.Name)))
}

// explained tells of every rule that failed what goes wrong and what to do.
func explained(r *report.Report) []string {
	var out []string
	for _, rule := range r.Rules {
		if rule.Outcome == report.Failed && rule.Why != "" {
			out = append(out, fmt.Sprintf("- **%s**: %s %s\n", prose(label(rule.ID, rule.Name)), prose(rule.Why), prose(rule.Fix)))
		}
	}
	return out
}

// foldedUnknowns lists what could not be checked, with reasons.
func foldedUnknowns(r *report.Report) string {
	c := comment{room: maxComment}
	var lines []string
	for _, u := range undecided(r) {
		lines = append(lines, fmt.Sprintf("- %s because %s: %s\n", u.outcome, markup(u.why), prose(strings.Join(u.rules, ", "))))
	}
	c.folded("What could not be checked", "", lines)
	return c.text.String()
}

// perCluster is a list with a line for each of several clusters.
func perCluster(r *report.Report) string {
	var plain, out strings.Builder
	eachCluster(&plain, r)
	for line := range strings.Lines(plain.String()) {
		out.WriteString("- " + markup(strings.TrimSpace(line)) + "\n")
	}
	if out.Len() == 0 {
		return ""
	}
	return "\n" + out.String()
}
