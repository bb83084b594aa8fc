package writer

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// hostile are texts that break out of some format or change a terminal.
var hostile = []string{
	"\x1b[2J\x1b]0;title\a", "\u009b31m", "a\rb", "a\nb", "\x00\x01\x7f", "\u202eevil\u2066", "zero\u200bwidth\ufeff", "\U000e0041tag", "bad\xff\x9bbytes",
	"]]>", "</failure><x>", "<!-- -->", "--><script>alert(1)</script>", "&amp;&#x1b;", "\u2028\u2029", "\ufffe\uffff", "\ufffd",
	"::error::x", "a::b,c%0A%25", "##[add-mask]x", "%", "\n::stop-commands::x", "@team #1 GH-1 www.example.com http://example.com",
	"a|b\\|c", "```", "`", "``a`` ", "\\", "*_~[x](y)![z](w)", "| --- |", "</details>", "{{x}}", "{0}", "[a](1)", "$x$", "\"q|`x`\"", "\"\"", "\"a\\\"b\"", " ", "",
	"dir/with space/ü:é%20.yaml", "../up", "/abs/x", "a\\b", "https://x:y@z", "file\nname", strings.Repeat("é|", 5000),
}

// mixed is a report all of whose texts are hostile.
func mixed(r *rand.Rand) *report.Report {
	text := func() string {
		var b strings.Builder
		for range r.IntN(4) {
			b.WriteString(hostile[r.IntN(len(hostile))])
		}
		return b.String()
	}
	place := func() finding.Location {
		at := finding.Location{File: text(), Object: text(), Path: text()}
		if r.IntN(3) > 0 {
			at.Line, at.Column = r.IntN(9)+1, r.IntN(9)+1
			at.EndLine, at.EndColumn = at.Line+r.IntN(2), at.Column+r.IntN(5)
		}
		return at
	}
	found := func() finding.Finding {
		f := finding.Finding{Rule: fmt.Sprintf("AAA%03d", r.IntN(6)), Name: "a-rule", Severity: finding.Severity(r.IntN(3)), Message: "m" + text(), At: place()}
		f.Related = []finding.Related{{Message: text(), At: place()}}
		f.Fix = &finding.Fix{Description: text(), Edits: []finding.Edit{{File: text(), Start: finding.Position{Line: 1, Column: 1}, End: finding.Position{Line: 1, Column: 2}, Text: text()}}}
		return f
	}
	var rules []report.RuleResult
	for i, outcome := range []report.Outcome{report.Failed, report.Passed, report.Skipped, report.Crashed, report.Failed} {
		rules = append(rules, report.RuleResult{
			ID: fmt.Sprintf("AAA%03d", i), Name: "a-rule", Category: "Objects", Outcome: outcome, Reason: text(), Undecided: text(), Summary: text(), Why: text(), Fix: text(),
		})
	}
	var findings []finding.Finding
	for range r.IntN(60) {
		findings = append(findings, found())
	}
	out := report.New("validate", rules, findings)
	out.Suppress([]report.Suppressed{{Finding: found(), By: report.Suppression{Kind: "comment", Reason: text(), At: place()}}})
	out.Target = report.Target{Istio: "1.31", Kubernetes: text(), Platform: text(), Context: text()}
	out.Failure = text()
	return out
}

// TestHostileTexts wants every format well-formed, and nothing in it that
// changes a terminal, whatever the texts of a report are.
func TestHostileTexts(t *testing.T) {
	checks := checkers(t)
	for seed := range uint64(60) {
		r := mixed(rand.New(rand.NewPCG(seed, 1)))
		for format := range formats() {
			got := printed(t, format, r)
			if check := checks[format]; check != nil {
				if err := check(got); err != nil {
					t.Errorf("%s of seed %d: %v", format, seed, err)
				}
			}
			if format != "text.color" {
				inert(t, format, seed, got)
			}
		}
		if n := len(printed(t, "markdown", r)); n > 65_536 {
			t.Errorf("the comment of seed %d has %d bytes", seed, n)
		}
		commands(t, seed, r)
	}
}

func inert(t *testing.T, format string, seed uint64, got []byte) {
	t.Helper()
	if !utf8.Valid(got) {
		t.Errorf("%s of seed %d is no UTF-8", format, seed)
	}
	if i := bytes.IndexFunc(got, func(r rune) bool { return r != '\n' && unsafe(r) }); i >= 0 {
		t.Errorf("%s of seed %d holds %q", format, seed, got[max(0, i-20):min(len(got), i+20)])
	}
}

// commands wants one workflow command a finding, and none that a text made.
func commands(t *testing.T, seed uint64, r *report.Report) {
	t.Helper()
	want := len(r.Findings) + r.Summary.Crashed
	if r.Failure != "" {
		want++
	}
	got := 0
	for line := range strings.Lines(string(printed(t, "github", r))) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			got++
		}
		if strings.Contains(line, "##[") {
			t.Errorf("seed %d: an old command in %q", seed, line)
		}
	}
	if got != want {
		t.Errorf("seed %d: %d commands, want %d", seed, got, want)
	}
}

// TestLongComment wants a comment to say how much it leaves out.
func TestLongComment(t *testing.T) {
	var findings []finding.Finding
	for i := range 3000 {
		findings = append(findings, finding.Finding{Rule: "AAA001", Name: "a-rule", Message: "something is wrong here", At: finding.Location{File: "f.yaml", Line: i + 1}})
	}
	got := string(printed(t, "markdown", report.New("validate", nil, findings)))
	var left int
	if i := strings.Index(got, "more finding"); i < 0 {
		t.Fatal("no finding is folded")
	}
	last := got[strings.LastIndex(got, "f.yaml:"):]
	if _, err := fmt.Sscanf(last[strings.Index(last, "\n\n")+2:], "%d more", &left); err != nil || strings.Count(got, "`f.yaml:")+left != 3000 || len(got) > 65_536 {
		t.Errorf("%d findings are shown and %d left out, in %d bytes: %v", strings.Count(got, "`f.yaml:"), left, len(got), err)
	}
	if strings.Count(got, "<details>") != strings.Count(got, "</details>") {
		t.Error("a fold is not closed")
	}
}
