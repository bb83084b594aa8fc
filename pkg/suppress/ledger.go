package suppress

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Ledger holds the suppressions of one run and what became of them.
type Ledger struct {
	uses  []*use
	own   map[string][]*use // of uses, those that objects hold themselves
	keyed map[string]*use
	keyOf func(finding.Finding) string
	// ran says which rules looked at everything there was.
	ran map[string]bool
}

// NewLedger opens a ledger. Earlier entries go first and those with a key
// last, so a comment spares the baseline. keyOf is the key of a finding; nil
// where no entry has one. ran says of each rule of the run whether it could
// judge all of the picture.
func NewLedger(entries []*Entry, keyOf func(finding.Finding) string, ran map[string]bool) *Ledger {
	l := &Ledger{own: map[string][]*use{}, keyed: map[string]*use{}, keyOf: keyOf, ran: ran}
	for _, e := range entries {
		u := &use{Entry: e}
		l.uses = append(l.uses, u)
		if e.Key != "" {
			l.keyed[e.Key] = u
		}
		if e.Kind == Object {
			l.own[objectOf(e.At)] = append(l.own[objectOf(e.At)], u)
		}
	}
	return l
}

// Apply parts findings into those that stay and those that are left out.
func (l *Ledger) Apply(findings []finding.Finding) (kept []finding.Finding, out []Taken) {
	for _, f := range findings {
		if u := l.match(f); u != nil {
			u.taken++
			out = append(out, Taken{f, u.Entry})
			continue
		}
		kept = append(kept, f)
	}
	return kept, out
}

func (l *Ledger) match(f finding.Finding) *use {
	for _, u := range l.own[objectOf(f.At)] {
		if u.covers(f) {
			return u
		}
	}
	for _, u := range l.uses {
		if u.Kind != Object && u.covers(f) {
			return u
		}
	}
	if len(l.keyed) == 0 {
		return nil
	}
	if u := l.keyed[l.keyOf(f)]; u != nil && u.taken < u.Limit {
		return u
	}
	return nil
}

// objectOf names the object of a place among those of all clusters.
func objectOf(at finding.Location) string { return at.Cluster + "\x00" + at.Object }

// Broken returns the entries that cannot be used.
func (l *Ledger) Broken() []*Entry {
	var out []*Entry
	for _, u := range l.uses {
		if u.Problem != "" {
			out = append(out, u.Entry)
		}
	}
	return out
}

// Stale is an entry that took out less than it is for.
type Stale struct {
	*Entry
	Taken int
}

// Stale returns the entries of the given kinds that took nothing out, or less
// than their limit, although their rules looked at everything they are for.
func (l *Ledger) Stale(kinds ...Kind) []Stale {
	var out []Stale
	for _, u := range l.uses {
		for _, k := range kinds {
			if u.Kind == k && l.stale(u) {
				out = append(out, Stale{u.Entry, u.taken})
			}
		}
	}
	return out
}

func (l *Ledger) stale(u *use) bool {
	if u.Problem != "" || u.taken > 0 && u.taken >= u.Limit {
		return false
	}
	return l.judged(u.Rule) && u.Seen != nil && u.Seen()
}

// judged says whether at least one rule with the prefix ran, and none of them
// left anything open.
func (l *Ledger) judged(prefix string) bool {
	any := false
	for id, complete := range l.ran {
		if strings.HasPrefix(id, prefix) {
			if any = true; !complete {
				return false
			}
		}
	}
	return any
}
