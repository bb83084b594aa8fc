package cluster

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func istioEndOfLife() *rule.Rule {
	return &rule.Rule{
		ID: "PRE003", Name: "istio-end-of-life", Category: "Istio", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration},
		Summary: "The Istio minor to install, or one that runs today, is past its end of life.",
		Why:     "No fixes are made for it any more, security fixes included.",
		Fix:     "Upgrade to a supported minor, one minor at a time or with a canary revision.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			wanted(p)
			if p.Target.Context == "" {
				judge(p, finding.Location{Object: "Istio/" + p.Target.From.String()}, "running", p.Target.From)
				p.Lookedf("Istio %s", p.Target.Istio)
				return
			}
			if ok, why := p.Has(snapshot.ControlPlanes); !ok {
				p.Undecidedf("%s", why)
			}
			for _, d := range p.ControlPlanes {
				minor, err := snapshot.ControlPlaneMinor(d)
				if err != nil {
					p.Undecidedf("the version of %s cannot be read from its image %q", snapshot.KeyOf(d), snapshot.ControlPlaneImage(d))
					continue
				}
				judge(p, snapshot.Place(d, "spec.template.spec.containers"), "running", minor)
			}
			p.Lookedf("Istio %s; control planes in the cluster: %d", p.Target.Istio, len(p.ControlPlanes))
		},
	}
}

// wanted judges the minors that the configurations install: where an object
// names its version there, and else once each. A version that the tables do
// not know is reported by another rule.
func wanted(p *rule.Pass) {
	seen := map[facts.Minor]bool{}
	for _, c := range p.Configs {
		if c.Wrapper != nil && c.Wrapper.Pinned.Known() {
			judge(p, c.Wrapper.Version, "which "+c.Name()+" installs", c.Wrapper.Pinned)
		} else {
			seen[c.Istio] = true
		}
	}
	if len(p.Configs) == 0 {
		seen[p.Target.Istio] = true
	}
	for istio := range seen {
		judge(p, finding.Location{Object: "Istio/" + istio.String()}, "to be installed", istio)
	}
}

func judge(p *rule.Pass, at finding.Locator, what string, istio facts.Minor) {
	r, known := facts.ReleaseOf(istio)
	if !known || r.EndOfLife.IsZero() || p.Now.Before(r.EndOfLife) {
		return
	}
	f := p.Reportf(at, "Istio %s, %s, reached its end of life on %s", istio, what, r.EndOfLife.Format("2006-01-02"))
	if r.Expected {
		f.Severity = finding.Info
		f.Message = strings.Replace(f.Message, "reached its end of life on", "was expected to reach its end of life by", 1)
	}
}
