// Package suppress takes findings out of a report because a user decided so:
// in a comment beside the line, in the configuration file, or with a baseline.
// It keeps a ledger of what each decision did, so that one that does nothing
// any more is found.
package suppress

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Kind says where a suppression is written.
type Kind string

// The kinds of suppressions.
const (
	Comment  Kind = "comment"
	Config   Kind = "config"
	Baseline Kind = "baseline"
	Object   Kind = "annotation" // of the object that a finding is about
)

// Entry is one decision to leave findings out.
type Entry struct {
	Kind Kind
	// Rule is an ID, or a prefix of IDs.
	Rule   string
	Reason string
	// At is where the decision is written.
	At finding.Location
	// About says in words what the entry covers: "line 12".
	About string
	// Covers says whether a finding of the rule stands where the entry is for.
	Covers func(finding.Finding) bool
	// Key stands in place of Covers for the entries of a baseline, of which
	// there may be thousands.
	Key string
	// Seen says whether everything the entry is for was looked at, so that it
	// is of no use if it took nothing out; nil says it never is.
	Seen func() bool
	// Limit is how many findings the entry takes at most, 0 for all.
	Limit int
	// Problem says why the entry cannot be used; it takes nothing out then.
	Problem string
}

// use is an entry and how many findings it took out.
type use struct {
	*Entry
	taken int
}

func (u *use) covers(f finding.Finding) bool {
	return u.Problem == "" && u.Covers != nil && strings.HasPrefix(f.Rule, u.Rule) && u.Covers(f)
}

// Taken is a finding that was left out, and why.
type Taken struct {
	finding.Finding
	By *Entry
}
