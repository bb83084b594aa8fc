package environment

import (
	"time"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func clockSkew() *rule.Rule {
	return &rule.Rule{
		ID: "PRE020", Name: "clock-skew", Category: "Kubernetes", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Clock},
		Summary: "The API server's clock and this machine's differ by more than a minute.",
		Why:     "istiod makes certificates valid from two minutes before its own time on, so that machines further behind refuse them; and what is said here about the age of certificates is wrong by as much.",
		Fix:     "Let both keep their time by NTP; which of them is wrong cannot be told from here.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			at := finding.Location{Object: "API server"}
			ahead := p.Skew.Round(time.Second)
			switch {
			case ahead > mostSkew:
				p.Reportf(at, "its clock is at least %s ahead of this machine's; correct the one that is wrong", ahead)
			case ahead < -mostSkew:
				p.Reportf(at, "its clock is at least %s behind this machine's; correct the one that is wrong", -ahead)
			}
			p.Lookedf("the API server's clock differs by no more than %s", mostSkew)
		},
	}
}

// mostSkew is half of the two minutes by which istiod backdates certificates
// (ClockSkewGracePeriod of its CA), because nodes may differ from the API server
// by as much again.
const mostSkew = time.Minute
