package cluster

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func kubernetesUntested() *rule.Rule {
	return &rule.Rule{
		ID: "PRE002", Name: "kubernetes-not-supported", Category: "Kubernetes", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.ServerVersion},
		Summary: "The cluster's Kubernetes is outside the range that this Istio minor supports.",
		Why:     "The Istio project has not tested the pair, and fixes problems of supported pairs only; istioctl knows no upper bound.",
		Fix:     "Choose a pair from the table of supported releases on istio.io.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			release, server, ok := pair(p)
			switch {
			case !ok || server.Before(release.Minimum): // PRE001 says it
			case server.Before(release.KubernetesFrom), release.KubernetesTo.Before(server):
				p.Reportf(serverPlace(p), "Kubernetes %s is not supported by Istio %s, which supports %s to %s",
					p.Target.Kubernetes, release.Istio, release.KubernetesFrom, release.KubernetesTo)
			default:
				p.Lookedf("Istio %s supports %s to %s", release.Istio, release.KubernetesFrom, release.KubernetesTo)
			}
		},
	}
}
