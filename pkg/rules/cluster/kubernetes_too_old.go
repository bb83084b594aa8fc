package cluster

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func kubernetesTooOld() *rule.Rule {
	return &rule.Rule{
		ID: "PRE001", Name: "kubernetes-too-old", Category: "Kubernetes", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Validate, rule.Precheck},
		Needs:       []snapshot.Part{snapshot.ServerVersion},
		Summary:     "The cluster's Kubernetes is older than this Istio minor accepts.",
		Why:         "istioctl installs anyway with a warning; charts and istiod then use APIs that the server does not have.",
		Fix:         "Upgrade Kubernetes, or install an Istio minor that supports it.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0142"},
		Run: func(p *rule.Pass) {
			release, server, ok := pair(p)
			switch {
			case !ok:
			case server.Before(release.Minimum):
				p.Reportf(serverPlace(p), "Kubernetes %s is older than %s, the oldest that Istio %s accepts", p.Target.Kubernetes, release.Minimum, release.Istio)
			default:
				p.Lookedf("%s, Istio %s needs at least %s", p.Target.Kubernetes, release.Istio, release.Minimum)
			}
		},
	}
}

// pair looks up the release that is wanted and the server's minor.
func pair(p *rule.Pass) (facts.Release, facts.Minor, bool) {
	release, known := facts.ReleaseOf(p.Target.Istio)
	if !known {
		p.Undecidedf("Istio %s is not in the table of releases", p.Target.Istio)
		return release, facts.Minor{}, false
	}
	server, err := facts.ParseMinor(p.Target.Kubernetes)
	if err != nil {
		p.Undecidedf("the server's version %q cannot be read", p.Target.Kubernetes)
		return release, server, false
	}
	return release, server, true
}

func serverPlace(p *rule.Pass) finding.Location {
	if p.Target.Context == "" {
		return finding.Location{Object: "Cluster", Path: "version"}
	}
	return finding.Location{Object: "Cluster/" + p.Target.Context, Path: "version"}
}
