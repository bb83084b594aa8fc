package writer

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// JUnitOptions say what the format asks for and a report does not hold.
type JUnitOptions struct {
	// Time is when the run was made.
	Time time.Time
	// FailOn is the severity from which a finding fails its test, so that
	// tests fail where the command does. What lies below is printed only.
	FailOn finding.Severity
	// Strict makes a skipped check a failed test.
	Strict bool
}

// The types below satisfy the schemas of Apache Ant's and of Jenkins' form.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		ID         int             `xml:"id,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Hostname   string          `xml:"hostname,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out"`
		Err        string          `xml:"system-err"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		Time    string      `xml:"time,attr"`
		Skipped *junitEvent `xml:"skipped"`
		Error   *junitEvent `xml:"error"`
		Failure *junitEvent `xml:"failure"`
	}
	junitEvent struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit prints the report as test results: one test a rule.
func JUnit(w io.Writer, r *report.Report, o JUnitOptions) error {
	suite := junitSuite{
		Name: "meshctl " + clean(r.Command), Package: "meshctl", Time: "0", Hostname: "localhost",
		Timestamp: o.Time.UTC().Format("2006-01-02T15:04:05"), Properties: junitTarget(r),
	}
	suite.Out = junitLines(r, func(f finding.Finding) bool { return f.Severity < o.FailOn })
	for _, rule := range allRules(r) {
		suite.add(junitTest(r, rule, o))
	}
	if r.Failure != "" {
		suite.add(junitCase{Name: suite.Name, Class: "meshctl", Error: &junitEvent{Type: "stopped", Message: clean(r.Failure)}})
	}
	return writeXML(w, junitSuites{Suite: suite})
}

func writeXML(w io.Writer, v any) error {
	text, err := xml.MarshalIndent(v, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	}
	if err != nil {
		return fmt.Errorf("writing junit: %w", err)
	}
	return nil
}

// add counts a test by its outcome.
func (s *junitSuite) add(c junitCase) {
	c.Time = "0"
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Skipped != nil:
		s.Skipped++
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	}
}

func junitTarget(r *report.Report) []junitProperty {
	var out []junitProperty
	for _, p := range []junitProperty{
		{"istio", r.Target.Istio}, {"kubernetes", r.Target.Kubernetes}, {"platform", r.Target.Platform},
		{"context", r.Target.Context}, {"meshctl", r.Tool.Version},
	} {
		if p.Value != "" {
			out = append(out, junitProperty{p.Name, clean(p.Value)})
		}
	}
	return out
}

func junitTest(r *report.Report, rule report.RuleResult, o JUnitOptions) junitCase {
	out := junitCase{Name: clean(label(rule.ID, rule.Name)), Class: clean("meshctl." + r.Command + "." + strings.ReplaceAll(rule.Category, " ", "_"))}
	text := junitLines(r, func(f finding.Finding) bool { return f.Rule == rule.ID && f.Severity >= o.FailOn })
	switch {
	case o.Strict && text == "" && (rule.Outcome == report.Skipped || rule.Undecided != ""):
		why := clean(rule.Reason + rule.Undecided)
		out.Failure = &junitEvent{Type: "skipped", Message: "--strict: could not be checked: " + why}
	case rule.Outcome == report.Skipped:
		out.Skipped = &junitEvent{Message: clean(rule.Reason)}
	case rule.Outcome == report.Crashed:
		out.Error = &junitEvent{Type: "crashed", Message: clean(rule.Reason)}
	case text != "":
		first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		out.Failure = &junitEvent{Type: rule.Severity.String(), Message: first, Text: text + clean(rule.Fix) + "\n"}
	}
	return out
}

// junitLines prints the chosen findings as the text format does.
func junitLines(r *report.Report, chosen func(finding.Finding) bool) string {
	var b strings.Builder
	for _, f := range r.Findings {
		if chosen(f) {
			line(&b, painter(false), f)
		}
	}
	return b.String()
}
