package report

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Change is the report of what is found after a change and was not before. What
// was found before and is no more becomes a note; what is suppressed still is.
func Change(before, after *Report) *Report {
	type key struct{ rule, cluster, object, path, message string }
	keyOf := func(f finding.Finding) key { return key{f.Rule, f.At.Cluster, f.At.Object, f.At.Path, f.Message} }
	had, has := map[key]bool{}, map[key]bool{}
	for _, f := range before.Findings {
		had[keyOf(f)] = true
	}
	for _, f := range after.Findings {
		has[keyOf(f)] = true
	}
	for _, left := range after.Suppressed {
		has[keyOf(left.Finding)] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(after.Findings), func(f finding.Finding) bool { return had[keyOf(f)] })
	results := slices.Clone(after.Rules)
	for i, r := range results {
		old := r.Outcome == Failed && !slices.ContainsFunc(fresh, func(f finding.Finding) bool { return f.Rule == r.ID })
		if old {
			results[i].Outcome, results[i].Reason = Passed, "nothing new"
		}
	}
	out := New(after.Command, results, fresh)
	out.Suppress(after.Suppressed)
	out.Target, out.Notes = after.Target, slices.Clone(after.Notes)
	for _, f := range before.Findings {
		if !has[keyOf(f)] {
			out.Notes = append(out.Notes, fmt.Sprintf("resolved: %s: %s [%s %s]", finding.Location{Cluster: f.At.Cluster, Object: f.At.Object}, f.Message, f.Rule, f.Name))
		}
	}
	return out
}
