package scope

import (
	"slices"

	"istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func emptyMode() *rule.Rule {
	return &rule.Rule{
		ID: "SDC009", Name: "outbound-policy-without-mode", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars},
		Summary: "The outboundTrafficPolicy of a Sidecar names no mode.",
		Why:     "istiod reads that as REGISTRY_ONLY, whatever the mesh's default is, so that the workloads reach no host outside of the registry.",
		Fix:     "Write mode: REGISTRY_ONLY or mode: ALLOW_ANY.",
		Hints:   []string{"X5"}, Equivalents: []string{"KIA1007"},
		Run: func(p *rule.Pass) {
			for _, s := range p.Sidecars {
				policy := s.Spec.GetOutboundTrafficPolicy()
				if policy == nil || policy.GetMode() != v1alpha3.OutboundTrafficPolicy_REGISTRY_ONLY {
					continue
				}
				at := snapshot.Place(s, "spec.outboundTrafficPolicy")
				unset := slices.Contains(p.ModelessSidecars, snapshot.KeyOf(s).String())
				if _, file := p.Origins[snapshot.KeyOf(s).String()]; file {
					unset = !written(p, s, at.Path, "mode")
				}
				if unset {
					p.Reportf(at, "outboundTrafficPolicy without mode means REGISTRY_ONLY; write the mode that is meant")
				}
			}
			p.Lookedf("%s", finding.Count(len(p.Sidecars), "Sidecar"))
		},
	}
}
