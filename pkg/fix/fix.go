package fix

import (
	"fmt"
	"maps"

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
	// Fixed are the findings that were fixed, Dropped those that are left
	// although they have a fix.
	Fixed   []finding.Finding
	Dropped []Dropped
}

// Dropped is a fix that was not made, and why. The finding stands where it is
// in the texts after.
type Dropped struct {
	Finding finding.Finding
	Reason  string
}

// extra is how many rounds there are besides four for every fix of the
// beginning. Only fixes that bring up each other again and again need more.
const extra = 100

// Run fixes what the findings of some texts propose until nothing is left to
// be fixed. A fix is kept if its finding is gone afterwards and no rule finds
// an error that was not there; one that only uncovers errors with a fix of
// their own counts together with those. The texts are judged all at once, but
// a fix that does not work holds up its own file only.
func Run(texts Texts, judge Judge) (*Result, error) {
	first, err := judge(texts)
	if err != nil {
		return nil, err
	}
	f := &fixer{
		judge: judge, at: newState(maps.Clone(texts), first),
		declined: map[string]string{}, held: map[string]bool{}, limits: map[string]int{},
	}
	for range extra + 4*len(fixable(first.Wanted)) {
		attempts := f.attempts()
		if len(attempts) == 0 {
			break
		}
		if err := f.round(attempts); err != nil {
			return nil, err
		}
	}
	return &Result{
		Before: texts, After: f.at.texts, Report: f.at.judged.Wanted, Original: first.Wanted,
		Fixed: f.fixed, Dropped: f.dropped(),
	}, nil
}

type fixer struct {
	judge    Judge
	at       state
	together bool              // files were found to depend on one another
	declined map[string]string // why fixes did not work, by key
	held     map[string]bool   // fixes to make after all others, by key
	limits   map[string]int    // how many fixes a round makes in a group; 0 for all
	fixed    []finding.Finding
}

// dropped are the findings that are left with a fix.
func (f *fixer) dropped() []Dropped {
	var out []Dropped
	for _, left := range fixable(f.at.judged.Wanted) {
		reason, known := f.declined[key(left)]
		if !known {
			reason = "it cannot be made together with the other fixes"
		}
		out = append(out, Dropped{left, reason})
	}
	return out
}

// round makes the fixes of all attempts and keeps those of the groups where
// they work.
func (f *fixer) round(attempts []*attempt) error {
	next, judged, err := f.try(attempts)
	if err != nil {
		return err
	}
	var good []*attempt
	for _, a := range attempts {
		if a.reason == "" {
			good = append(good, a)
		}
	}
	if len(good) > 0 && len(good) < len(attempts) && !judged {
		if next, err = f.judged(next.texts); err != nil {
			return err
		}
	}
	if len(attempts) > 1 && f.entangled(next, good) {
		f.together = true
		return nil
	}
	for _, a := range attempts {
		if a.reason != "" {
			f.refuse(a)
			continue
		}
		f.limits[a.group] *= 2
		f.fixed = append(f.fixed, a.done...)
	}
	if len(good) > 0 {
		f.at = next
	}
	return nil
}

// refuse drops what does not work in an attempt, or has the next rounds find
// out what that is.
func (f *fixer) refuse(a *attempt) {
	all := len(a.suspects) == len(a.batch)
	switch {
	case len(a.batch) == 1:
		f.declined[key(a.batch[0])] = a.reason
	case len(a.suspects) > 0 && a.sure && (a.held || all):
		for _, s := range a.suspects {
			f.declined[key(s)] = a.reason
		}
	case len(a.suspects) > 0 && !a.held && !all:
		for _, s := range a.suspects {
			f.held[key(s)] = true
		}
	default:
		f.limits[a.group] = len(a.batch) / 2
	}
}

// entangled says that fixes which seemed to work do not without those of
// other groups.
func (f *fixer) entangled(next state, good []*attempt) bool {
	if len(good) == 0 {
		return false
	}
	for _, a := range good {
		for _, d := range a.batch {
			if next.all[key(d)] >= f.at.all[key(d)] {
				return true
			}
		}
	}
	return len(f.fresh(next)) > 0
}

// judged checks texts.
func (f *fixer) judged(texts Texts) (state, error) {
	j, err := f.judge(texts)
	if err != nil {
		return state{}, fmt.Errorf("checking the fixed files: %w", err)
	}
	return newState(texts, j), nil
}
