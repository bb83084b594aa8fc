package writer

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// SARIF prints the report in the Static Analysis Results Interchange Format,
// version 2.1.0, for code scanning.
func SARIF(w io.Writer, r *report.Report) error {
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: "meshctl", Version: clean(r.Tool.Version), InformationURI: home, Rules: sarifRules(r)}},
		Invocations: []sarifInvocation{sarifInvoked(r)},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
	}
	prints := fingerprints(r.Findings)
	for i, f := range r.Findings {
		run.Results = append(run.Results, sarifResultOf(run.Tool.Driver.Rules, f, prints[i]))
	}
	run.Results = append(run.Results, sarifSuppressed(r, run.Tool.Driver.Rules)...)
	return Encode(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifRules(r *report.Report) []sarifRule {
	out := []sarifRule{}
	for _, rule := range allRules(r) {
		out = append(out, sarifRuleOf(rule))
	}
	return out
}

// allRules are the rules that ran, and those that findings name besides.
func allRules(r *report.Report) []report.RuleResult {
	out := slices.Clone(r.Rules)
	named := slices.Clone(r.Findings)
	for _, s := range r.Suppressed {
		named = append(named, s.Finding)
	}
	for _, f := range named {
		if !slices.ContainsFunc(out, func(have report.RuleResult) bool { return have.ID == f.Rule }) {
			out = append(out, report.RuleResult{ID: f.Rule, Name: f.Name, Severity: f.Severity, Outcome: report.Failed})
		}
	}
	return out
}

func sarifIndex(rules []sarifRule, id string) int {
	return slices.IndexFunc(rules, func(have sarifRule) bool { return have.ID == id })
}

func sarifRuleOf(rule report.RuleResult) sarifRule {
	out := sarifRule{
		ID: clean(rule.ID), Name: clean(rule.Name),
		Short:   sarifText{Text: clean(cmp.Or(rule.Summary, rule.Name, rule.ID))},
		Default: sarifDefault{Level: sarifLevel(rule.Severity)},
		Properties: sarifRuleProperties{
			Tags: []string{"istio", clean(cmp.Or(rule.Category, "other"))}, Severity: sarifProblem(rule.Severity),
		},
	}
	if rule.Why != "" {
		out.Full = &sarifText{Text: clean(rule.Why)}
		out.Help = &sarifText{
			Text:     clean(rule.Why + " " + rule.Fix),
			Markdown: "**Why:** " + prose(rule.Why) + "\n\n**Fix:** " + prose(rule.Fix) + "\n",
		}
	}
	return out
}

func sarifLevel(s finding.Severity) string {
	return map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning", finding.Info: "note"}[s]
}

// sarifProblem is GitHub's word for how much a rule weighs.
func sarifProblem(s finding.Severity) string {
	return map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning", finding.Info: "recommendation"}[s]
}

func sarifResultOf(rules []sarifRule, f finding.Finding, print string) sarifResult {
	out := sarifResult{
		RuleID: clean(f.Rule), RuleIndex: sarifIndex(rules, clean(f.Rule)), Level: sarifLevel(f.Severity),
		Message: sarifText{Text: unlinked(told(f))}, Locations: []sarifLocation{sarifPlace(f.At)},
		Prints: map[string]string{"meshctl/v1": print},
		// Either every result of a run has a list of suppressions or none.
		Suppressions: []sarifSuppression{},
	}
	for i, rel := range f.Related {
		place := sarifPlace(rel.At)
		place.ID, place.Message = i+1, &sarifText{Text: unlinked(rel.Message)}
		out.Related = append(out.Related, place)
	}
	if f.Fix != nil && len(f.Fix.Edits) > 0 {
		out.Fixes = []sarifFix{sarifFixOf(*f.Fix)}
	}
	return out
}

// sarifSuppressed are the findings that a user decided to leave out. Code
// scanning shows them as dismissed.
func sarifSuppressed(r *report.Report, rules []sarifRule) []sarifResult {
	var left []finding.Finding
	for _, s := range r.Suppressed {
		left = append(left, s.Finding)
	}
	prints := fingerprints(left)
	var out []sarifResult
	for i, s := range r.Suppressed {
		result := sarifResultOf(rules, s.Finding, prints[i])
		by := sarifSuppression{Kind: "external", Justification: clean(s.By.Reason), Location: sarifPlace(s.By.At)}
		if s.By.Kind == "comment" {
			by.Kind = "inSource"
		}
		result.Suppressions = []sarifSuppression{by}
		out = append(out, result)
	}
	return out
}

// unlinked keeps a value from being a link: [text](target) is one in the
// messages of SARIF.
func unlinked(s string) string { return strings.ReplaceAll(clean(s), "](", "] (") }

// sarifInvoked tells how the run went: what was skipped or crashed, and why
// it ended early.
func sarifInvoked(r *report.Report) sarifInvocation {
	out := sarifInvocation{Successful: r.Failure == "" && r.Summary.Crashed == 0, Notes: []sarifNote{}}
	for i, rule := range r.Rules {
		why, level := rule.Undecided, "note"
		switch rule.Outcome {
		case report.Skipped:
			why = "skipped because " + rule.Reason
		case report.Crashed:
			why, level = "crashed because "+rule.Reason, "error"
		}
		if why != "" {
			out.Notes = append(out.Notes, sarifNote{Level: level, Message: sarifText{Text: clean(why)}, Rule: &sarifRef{clean(rule.ID), i}})
		}
	}
	if r.Failure != "" {
		out.Notes = append(out.Notes, sarifNote{Level: "error", Message: sarifText{Text: clean(r.Failure)}})
	}
	return out
}
