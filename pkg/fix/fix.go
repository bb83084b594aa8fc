package fix

import (
	"fmt"
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// Texts are the contents of files by the names that findings give them.
type Texts map[string][]byte

// Judgement is what checking some texts gives: the findings that the user
// wants to hear of, and those of every rule, by which a fix is judged.
type Judgement struct{ Wanted, All *report.Report }

// Judge checks texts. It must not change them.
type Judge func(Texts) (*Judgement, error)

// Result is what fixing came to.
type Result struct {
	// Before and After hold every file as it was and as it should be.
	Before, After Texts
	// Report is the report of the texts after.
	Report *report.Report
	// Original is the report of the texts before.
	Original *report.Report
	// Fixed are the findings that were fixed, Dropped those whose fix did
	// not do what it should.
	Fixed   []finding.Finding
	Dropped []Dropped
}

// Dropped is a fix that was not made, and why.
type Dropped struct {
	Finding finding.Finding
	Reason  string
}

// rounds bounds the loop. Each one fixes something in every file that has a
// fix left, and files with a hundred findings of the same place are none.
const rounds = 100

// Run fixes what the findings of some texts propose until nothing is left to
// be fixed. A fix is kept if its finding is gone afterwards and no rule finds
// an error that was not there; one that only uncovers errors with a fix of
// their own counts together with those.
func Run(texts Texts, judge Judge) (*Result, error) {
	first, err := judge(texts)
	if err != nil {
		return nil, err
	}
	f := &fixer{judge: judge, at: state{maps.Clone(texts), first}, declined: map[string]bool{}}
	for range rounds {
		batch := f.pick(f.at, f.limit)
		if len(batch) == 0 {
			break
		}
		if err := f.round(batch); err != nil {
			return nil, err
		}
	}
	return &Result{
		Before: texts, After: f.at.texts, Report: f.at.judged.Wanted, Original: first.Wanted,
		Fixed: f.fixed, Dropped: f.dropped,
	}, nil
}

// state is some texts and what was found in them.
type state struct {
	texts  Texts
	judged *Judgement
}

type fixer struct {
	judge    Judge
	at       state
	limit    int             // how many fixes a round makes; 0 for all
	declined map[string]bool // fixes that did not work, by key
	fixed    []finding.Finding
	dropped  []Dropped
}

// round makes the fixes of a batch, or less of them in the next rounds where
// they do not work together, or drops one that does not work alone.
func (f *fixer) round(batch []finding.Finding) error {
	next, done, reason, err := f.try(f.at, batch, depth)
	switch {
	case err != nil:
		return err
	case reason == "":
		f.at, f.limit = next, 0
		f.fixed = append(f.fixed, done...)
	case len(batch) > 1:
		f.limit = len(batch) / 2
	default:
		f.limit = 0
		f.declined[key(batch[0])] = true
		f.dropped = append(f.dropped, Dropped{batch[0], reason})
	}
	return nil
}

// depth is how many times a fix may uncover errors that are fixed with it.
const depth = 5

// try makes fixes and says why they are not to be kept, if so.
func (f *fixer) try(from state, batch []finding.Finding, depth int) (to state, done []finding.Finding, reason string, err error) {
	to.texts, err = edited(from.texts, batch)
	if err != nil {
		return to, nil, err.Error(), nil
	}
	if to.judged, err = f.judge(to.texts); err != nil {
		return to, nil, "", fmt.Errorf("checking the fixed files: %w", err)
	}
	for _, b := range batch {
		if count(to.judged.All, b) >= count(from.judged.All, b) {
			return to, nil, "the finding is still there afterwards", nil
		}
	}
	fresh := f.fresh(to.judged.All)
	if len(fresh) == 0 {
		return to, batch, "", nil
	}
	wanted := slices.DeleteFunc(slices.Clone(fresh), func(x finding.Finding) bool { return count(to.judged.Wanted, x) == 0 })
	more := f.pick(state{to.texts, &Judgement{Wanted: &report.Report{Findings: wanted}}}, 0)
	if depth == 0 || len(more) == 0 {
		return to, nil, "it would bring up another error: " + fresh[0].Message, nil
	}
	to, rest, reason, err := f.try(to, more, depth-1)
	return to, append(slices.Clone(batch), rest...), reason, err
}

// fresh are the errors of a report that are not in the state before.
func (f *fixer) fresh(after *report.Report) []finding.Finding {
	var out []finding.Finding
	for _, now := range after.Findings {
		if now.Severity == finding.Error && count(after, now) > count(f.at.judged.All, now) {
			out = append(out, now)
		}
	}
	return out
}

// count is how often a report has a finding, wherever it stands.
func count(r *report.Report, f finding.Finding) int {
	n := 0
	for _, other := range r.Findings {
		if key(other) == key(f) {
			n++
		}
	}
	return n
}

// key names a finding without its line, which fixes above it change.
func key(f finding.Finding) string {
	return f.Rule + "\x00" + f.At.File + "\x00" + f.At.Path + "\x00" + f.Message
}
