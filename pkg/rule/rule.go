// Package rule is the contract between a rule and the engine. It knows no
// rule and does no I/O.
package rule

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
)

// Stage is a command's look at the world in which a rule has its say.
type Stage string

// The stages.
const (
	Validate Stage = "validate"
	Precheck Stage = "precheck"
	Verify   Stage = "verify"
	Analyze  Stage = "analyze"
	// Fleet is analyze's look at several clusters beside one another.
	Fleet Stage = "analyze of several clusters"
)

// Rule is one check. Its texts are the only documentation: the catalogue,
// `rules show` and every report format are made from them.
type Rule struct {
	ID       string // VAL004; never used again for something else
	Name     string // removed-field
	Category string // the heading under which cluster checks are printed
	Severity finding.Severity
	Stages   []Stage
	// Needs lists the parts of the snapshot that Run reads. Where one is
	// missing the rule is skipped, with that part's reason.
	Needs []snapshot.Part
	// Summary says in one sentence what is reported, Why what goes wrong
	// otherwise, Fix what to do.
	Summary, Why, Fix string
	// Hints are the hints of Istio's hints-and-tips page that the rule
	// serves; Equivalents are codes of istioctl (IST) and Kiali (KIA).
	Hints, Equivalents []string
	// Net marks a safety net: its findings are left out where another rule,
	// which knows the cause, reports the same value and weighs it as much.
	Net bool
	// Exact says of a net that what it reports of a value is about all of it, so
	// that what another rule says of a part is something else.
	Exact bool
	// Unreadable marks a rule about files that nothing can be judged of: it
	// runs whatever is selected, and no baseline leaves its findings out, for
	// else a broken file would pass.
	Unreadable bool
	// Run looks at the picture and reports. It must be a pure function of
	// the snapshot.
	Run func(*Pass)
	// Review stands in Run's place for a rule about suppressions: it is called
	// when all others have run and their findings have been sorted out.
	Review func(*Pass, *suppress.Ledger)
}

// In says whether the rule takes part in a stage.
func (r *Rule) In(s Stage) bool {
	for _, stage := range r.Stages {
		if stage == s {
			return true
		}
	}
	return false
}

// Pass is one run of one rule over one snapshot.
type Pass struct {
	*snapshot.Snapshot
	rule      *Rule
	findings  []*finding.Finding
	undecided []string
	looked    string
}

// NewPass prepares a run.
func NewPass(r *Rule, s *snapshot.Snapshot) *Pass { return &Pass{Snapshot: s, rule: r} }

// Reportf records a finding at a place. The finding may be completed by the
// caller, for example with a fix or a related place.
func (p *Pass) Reportf(at finding.Locator, format string, args ...any) *finding.Finding {
	f := &finding.Finding{
		Rule: p.rule.ID, Name: p.rule.Name, Severity: p.rule.Severity,
		Message: fmt.Sprintf(format, args...), At: p.Locate(at.Location()),
	}
	p.findings = append(p.findings, f)
	return f
}

// Missingf records that a configuration lacks a setting. Where a part of the
// configuration was not seen, the setting may stand there, so the rule cannot
// tell.
func (p *Pass) Missingf(c *snapshot.Config, at finding.Locator, format string, args ...any) *finding.Finding {
	if !c.Complete() {
		p.Undecidedf("%s: a part of the values is not seen", c.Name())
		return nil
	}
	return p.Reportf(at, format, args...)
}

// Undecidedf records that the rule could not tell. A rule that is undecided
// and found nothing else is skipped, never passed.
func (p *Pass) Undecidedf(format string, args ...any) {
	if why := fmt.Sprintf(format, args...); !slices.Contains(p.undecided, why) {
		p.undecided = append(p.undecided, why)
	}
}

// Lookedf says what the rule looked at, for the line of a check that passed:
// "v1.36.3 is supported".
func (p *Pass) Lookedf(format string, args ...any) { p.looked = fmt.Sprintf(format, args...) }

// Looked returns the text of the last Lookedf.
func (p *Pass) Looked() string { return p.looked }

// Findings returns what was reported.
func (p *Pass) Findings() []finding.Finding {
	out := make([]finding.Finding, 0, len(p.findings))
	for _, f := range p.findings {
		for i, rel := range f.Related {
			f.Related[i].At = p.Within(rel.At)
		}
		out = append(out, *f)
	}
	return out
}

// Undecided returns why the rule could not tell.
func (p *Pass) Undecided() []string { return p.undecided }
