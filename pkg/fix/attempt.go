package fix

import (
	"maps"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// attempt is what a round makes in one group of files.
type attempt struct {
	group string
	batch []finding.Finding
	held  bool // the batch holds fixes that failed with others before
	done  []finding.Finding

	reason   string            // why the batch is not to be kept
	suspects []finding.Finding // those of the batch that seem to be the cause
	sure     bool              // the suspects' own findings are still there
}

// depth is how many times a fix may uncover errors that are fixed with it.
const depth = 5

// try makes the fixes of attempts and notes in each why it failed, if so. It
// returns the texts without those of failed attempts, and whether these very
// texts were judged.
func (f *fixer) try(attempts []*attempt) (next state, judged bool, err error) {
	groups := f.groups(f.at)
	next.texts = maps.Clone(f.at.texts)
	from, todo := f.at, map[*attempt][]finding.Finding{}
	for _, a := range attempts {
		todo[a] = a.batch
	}
	for left := depth; len(todo) > 0; left-- {
		for a, batch := range todo {
			texts, err := edited(next.texts, batch)
			if err != nil {
				a.reason = err.Error()
				f.revert(next.texts, a, groups)
				delete(todo, a)
				continue
			}
			next.texts = texts
		}
		if next, err = f.judged(next.texts); err != nil {
			return next, false, err
		}
		judged = true
		texts := maps.Clone(next.texts)
		todo = f.verdicts(from, next, todo, attempts, groups, left)
		for _, a := range attempts {
			if a.reason != "" {
				f.revert(texts, a, groups)
			}
		}
		judged, from = maps.EqualFunc(texts, next.texts, slices.Equal), next
		next.texts = texts
	}
	return next, judged, nil
}

// verdicts says which attempts failed, and gives the fixes that the others
// need besides.
func (f *fixer) verdicts(from, to state, todo map[*attempt][]finding.Finding, attempts []*attempt, groups union, left int) map[*attempt][]finding.Finding {
	for a, batch := range todo {
		for _, b := range batch {
			if to.all[key(b)] >= from.all[key(b)] {
				a.reason, a.sure = "the finding is still there afterwards", true
				a.suspect(b)
			}
		}
		a.done = append(a.done, batch...)
	}
	fresh := map[string][]finding.Finding{}
	for _, x := range f.fresh(to) {
		group := groups.of(x.At.File)
		fresh[group] = append(fresh[group], x)
	}
	more := map[*attempt][]finding.Finding{}
	for _, a := range attempts {
		errors := fresh[a.group]
		if len(errors) == 0 || a.reason != "" {
			continue
		}
		if m := f.pick(fixableOf(errors, to), to.texts, 0); left > 0 && len(m) > 0 {
			more[a] = m
			continue
		}
		a.reason = "it would bring up another error: " + errors[0].Message
		for _, x := range errors {
			a.suspect(x)
		}
	}
	return more
}

// fixableOf are those of some findings that the user wants to hear of.
func fixableOf(list []finding.Finding, in state) []finding.Finding {
	list = slices.DeleteFunc(slices.Clone(list), func(x finding.Finding) bool { return in.wanted[key(x)] == 0 })
	return fixable(&report.Report{Findings: list})
}

// suspect adds the fixes of the batch that are about the same value as a
// finding, or one around or inside of it.
func (a *attempt) suspect(x finding.Finding) {
	for _, b := range a.batch {
		same := b.At.File == x.At.File && (inside(b.At.Path, x.At.Path) || inside(x.At.Path, b.At.Path))
		known := func(s finding.Finding) bool { return s.At == b.At && key(s) == key(b) }
		if same && !slices.ContainsFunc(a.suspects, known) {
			a.suspects = append(a.suspects, b)
		}
	}
}

func inside(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// revert puts the files of an attempt back.
func (f *fixer) revert(texts Texts, a *attempt, groups union) {
	for file := range texts {
		if groups.of(file) == a.group {
			texts[file] = f.at.texts[file]
		}
	}
}
