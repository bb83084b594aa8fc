package writer

import (
	"cmp"
	"io"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// gitlabIssue is one entry of a Code Quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end,omitempty"`
}

// GitLab prints the findings as a Code Quality report for merge requests. The
// format knows nothing of checks, so those that passed or were skipped are
// not in it; one that crashed is, and a run that stopped early.
func GitLab(w io.Writer, r *report.Report) error {
	out := []gitlabIssue{}
	findings := append(gitlabTrouble(r), r.Findings...)
	prints := fingerprints(findings)
	for i, f := range findings {
		out = append(out, gitlabIssue{
			Description: clean(told(f)), Check: clean(label(f.Rule, f.Name)), Fingerprint: prints[i],
			Severity: gitlabSeverity(f.Severity), Location: gitlabPlace(f.At),
		})
	}
	return Encode(w, out)
}

// gitlabTrouble makes findings of what kept the tool from its work; an empty
// list would say that all is well.
func gitlabTrouble(r *report.Report) []finding.Finding {
	var out []finding.Finding
	if r.Failure != "" {
		out = append(out, finding.Finding{Rule: "meshctl", Severity: finding.Error, Message: r.Command + " stopped: " + r.Failure})
	}
	for _, rule := range r.Rules {
		if rule.Outcome == report.Crashed {
			out = append(out, finding.Finding{Rule: rule.ID, Name: rule.Name, Severity: finding.Error, Message: "the check crashed: " + rule.Reason})
		}
	}
	return out
}

func label(id, name string) string {
	if name == "" {
		return id
	}
	return id + " " + name
}

// gitlabSeverity keeps a step free between warning and error, as Code
// Quality's scale has five.
func gitlabSeverity(s finding.Severity) string {
	return map[finding.Severity]string{finding.Error: "critical", finding.Warning: "minor", finding.Info: "info"}[s]
}

func gitlabPlace(at finding.Location) gitlabLocation {
	out := gitlabLocation{Path: clean(artifact(at)), Lines: gitlabLines{Begin: max(at.Line, 1)}}
	if at.EndLine > at.Line {
		out.Lines.End = at.EndLine
	}
	out.Path = cmp.Or(out.Path, "meshctl")
	return out
}
