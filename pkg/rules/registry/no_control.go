package registry

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noControl() *rule.Rule {
	return &rule.Rule{
		ID: "SE002", Name: "no-egress-control", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Configuration, snapshot.ServiceEntries},
		Summary: "There are ServiceEntries, and nothing decides whether hosts without one may be reached.",
		Why:     "By default they may, so ServiceEntries are no list of what is allowed.",
		Fix:     "Set outboundTrafficPolicy.mode to REGISTRY_ONLY, with an egress gateway and a NetworkPolicy where it is to hold, or to ALLOW_ANY if that is meant.",
		Hints:   []string{"E1"},
		Run: func(p *rule.Pass) {
			if len(p.ServiceEntries) == 0 {
				p.Lookedf("no ServiceEntry")
				return
			}
			for _, c := range p.Configs {
				if c.HoldsMesh() && c.Mesh().At("outboundTrafficPolicy", "mode") == nil {
					p.Missingf(c, c.Nearest(c.MeshPath()...), "outboundTrafficPolicy.mode is not set, so that workloads reach every host, with a ServiceEntry or without; set REGISTRY_ONLY, or ALLOW_ANY if that is meant")
				}
			}
			p.Lookedf("%s", finding.Count(len(p.ServiceEntries), "ServiceEntry"))
		},
	}
}
