package engine

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
)

// ledger gathers the suppressions and says which rules judged everything.
func (o Options) ledger(rules []*rule.Rule, s *snapshot.Snapshot, results []report.RuleResult) *suppress.Ledger {
	names := o.Names
	if names == nil {
		names = suppress.Names{}
		for _, r := range rules {
			names.Add(r.ID, r.Name)
		}
	}
	ran := map[string]bool{}
	for _, r := range results {
		ran[r.ID] = r.Outcome == report.Passed || r.Outcome == report.Failed && r.Undecided == ""
	}
	written := append(suppress.FromComments(s.Documents, names, s.Merged || s.Cluster != ""), annotated(s, names)...)
	return suppress.NewLedger(append(written, o.Suppress...), o.keyOf(rules), ran)
}

// annotated are the suppressions that objects hold themselves, also those of
// several clusters.
func annotated(s *snapshot.Snapshot, names suppress.Names) []*suppress.Entry {
	var out []*suppress.Entry
	for _, c := range s.Fleet {
		out = append(out, annotated(c, names)...)
	}
	s.Objects.EachOfAny(func(o snapshot.Object) {
		value, ok := o.GetAnnotations()[suppress.Annotation]
		if !ok {
			return
		}
		at := s.Locate(snapshot.Place(o, `metadata.annotations["`+suppress.Annotation+`"]`))
		entries := suppress.FromAnnotation(at, value, names)
		if metav1.GetControllerOf(o) != nil {
			for _, e := range entries {
				e.Seen = nil // it may be a copy, as ReplicaSets have their Deployment's
			}
		}
		out = append(out, entries...)
	})
	return out
}

// keyOf is KeyOf, with no key for what a baseline may not leave out.
func (o Options) keyOf(rules []*rule.Rule) func(finding.Finding) string {
	if o.KeyOf == nil {
		return nil
	}
	unreadable := map[string]bool{}
	for _, r := range rules {
		unreadable[r.ID] = r.Unreadable
	}
	return func(f finding.Finding) string {
		if unreadable[f.Rule] {
			return ""
		}
		return o.KeyOf(f)
	}
}

// acquit corrects the outcome of rules whose findings were all left out.
func acquit(results []report.RuleResult, findings []finding.Finding, left []suppress.Taken) {
	count := map[string]int{}
	for _, t := range left {
		count[t.Rule]++
	}
	for i, r := range results {
		n := count[r.ID]
		if n == 0 || slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Rule == r.ID }) {
			continue
		}
		if r.Undecided != "" {
			results[i].Outcome, results[i].Reason, results[i].Undecided = report.Skipped, r.Undecided, ""
			continue
		}
		results[i].Outcome, results[i].Reason = report.Passed, fmt.Sprintf("%d suppressed", n)
	}
}

func suppressed(left []suppress.Taken) []report.Suppressed {
	var out []report.Suppressed
	for _, t := range left {
		out = append(out, report.Suppressed{Finding: t.Finding, By: report.Suppression{Kind: string(t.By.Kind), Reason: t.By.Reason, At: t.By.At}})
	}
	return out
}
