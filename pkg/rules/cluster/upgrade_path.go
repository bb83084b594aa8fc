package cluster

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// The minors that an upgrade may advance by, as istio.io says: in place one
// after the other, with a revision two at once.
const (
	inPlaceStep  = 1
	revisionStep = 2
)

func upgradePath() *rule.Rule {
	return &rule.Rule{
		ID: "PRE006", Name: "upgrade-path", Category: "Istio", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Running},
		Summary: "The way from the Istio minor that runs today to the one to be installed skips minors, or goes back.",
		Why:     "Istio tests upgrades to the next minor, and with a revision over one more; older proxies may not understand what a much newer istiod sends.",
		Fix:     "Upgrade minor by minor, or install the new minor as a revision beside the old one.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			from := p.Target.From
			if !from.Known() {
				p.Lookedf("nothing runs yet")
				return
			}
			for _, c := range p.Configs {
				if !c.IsMesh() && c.ComponentEnabled("pilot") {
					step(p, c, from)
				}
			}
			p.Lookedf("from Istio %s", from)
		},
	}
}

func step(p *rule.Pass, c *snapshot.Config, from facts.Minor) {
	to := c.Istio
	at := c.Nearest("spec", "values", "revision")
	if !c.IsOperator() {
		at = c.Nearest("revision")
	}
	far := to.Minor - from.Minor
	switch {
	case to.Before(from):
		p.Reportf(at, "Istio %s is older than %s, which runs today; Istio does not test the way back, except to a revision that still runs", to, from)
	case far > revisionStep:
		p.Reportf(at, "the way from Istio %s to %s skips %s; upgrade by one minor at a time in place, or by two at most with a revision", from, to, between(from, to))
	case far > inPlaceStep && c.Revision() == "":
		p.Reportf(at, "the way from Istio %s to %s skips %s, which only an upgrade with a revision may; set a revision, or install %s first", from, to, between(from, to), between(from, to))
	}
}

// between names the minors that are skipped.
func between(from, to facts.Minor) string {
	first, last := facts.Minor{Major: from.Major, Minor: from.Minor + 1}, facts.Minor{Major: to.Major, Minor: to.Minor - 1}
	if first == last {
		return first.String()
	}
	return first.String() + " to " + last.String()
}
