package fix

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// state is some texts and what was found in them.
type state struct {
	texts       Texts
	judged      *Judgement
	all, wanted map[string]int // how often the reports have a finding, by key
}

func newState(texts Texts, j *Judgement) state {
	return state{texts, j, counts(j.All), counts(j.Wanted)}
}

func counts(r *report.Report) map[string]int {
	out := map[string]int{}
	for _, f := range r.Findings {
		out[key(f)]++
	}
	return out
}

// key names a finding without its line, which fixes above it change.
func key(f finding.Finding) string {
	return f.Rule + "\x00" + f.At.File + "\x00" + f.At.Path + "\x00" + f.Message
}

// fresh are the errors of a state that are not in the one before.
func (f *fixer) fresh(after state) []finding.Finding {
	var out []finding.Finding
	for _, now := range after.judged.All.Findings {
		if now.Severity == finding.Error && after.all[key(now)] > f.at.all[key(now)] {
			out = append(out, now)
		}
	}
	return out
}

// fixable are the findings that have a fix.
func fixable(r *report.Report) []finding.Finding {
	var out []finding.Finding
	for _, f := range r.Findings {
		if f.Fix != nil && len(f.Fix.Edits) > 0 {
			out = append(out, f)
		}
	}
	return out
}
