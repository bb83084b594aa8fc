package writer

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// GitHub prints the findings as workflow commands, which a GitHub runner
// shows as annotations at the lines of a pull request, and the summary as a
// plain line of the log. What was skipped stands in that line only: a runner
// shows ten notices a step, and they are for findings.
func GitHub(w io.Writer, r *report.Report) error {
	b := bufio.NewWriter(w)
	for _, f := range r.Findings {
		fmt.Fprintf(b, "::%s %s::%s\n", githubLevel(f.Severity), githubPlace(f), githubData(told(f)))
	}
	for _, rule := range r.Rules {
		if rule.Outcome == report.Crashed {
			fmt.Fprintf(b, "::error title=%s::the check crashed: %s\n", githubProperty(label(rule.ID, rule.Name)), githubData(rule.Reason))
		}
	}
	if r.Failure != "" {
		fmt.Fprintf(b, "::error title=meshctl::%s stopped: %s\n", githubData(r.Command), githubData(r.Failure))
	}
	var plain strings.Builder
	unknowns(&plain, painter(false), r)
	eachCluster(&plain, r)
	summary(&plain, r, false)
	fmt.Fprint(b, harmless(plain.String()))
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing github: %w", err)
	}
	return nil
}

func githubLevel(s finding.Severity) string {
	return map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning", finding.Info: "notice"}[s]
}

// githubPlace gives the properties of an annotation. The runner takes columns
// only where a finding ends on the line on which it starts.
func githubPlace(f finding.Finding) string {
	var out []string
	add := func(key, value string) { out = append(out, key+"="+githubProperty(value)) }
	if f.At.File != "" {
		add("file", slashed(f.At.File))
	}
	if f.At.File != "" && f.At.Line > 0 {
		add("line", fmt.Sprint(f.At.Line))
		add("endLine", fmt.Sprint(max(f.At.EndLine, f.At.Line)))
		if f.At.Column > 0 && f.At.EndLine <= f.At.Line {
			add("col", fmt.Sprint(f.At.Column))
			add("endColumn", fmt.Sprint(max(f.At.EndColumn, f.At.Column)))
		}
	}
	title := label(f.Rule, f.Name)
	if f.At.File == "" {
		title += " " + f.At.String()
	}
	add("title", title)
	return strings.Join(out, ",")
}

// githubData escapes a message as the runner wants it.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(harmless(clean(s)))
}

// githubProperty escapes the value of a property.
func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData(s))
}

// harmless breaks the runner's old form of commands, ##[name]text, which it
// obeys in the middle of a line too.
func harmless(s string) string { return strings.ReplaceAll(s, "##[", "# #[") }
