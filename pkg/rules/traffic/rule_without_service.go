package traffic

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingRuleHost() *rule.Rule {
	return &rule.Rule{
		ID: "DR006", Name: "rule-without-service", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(snapshot.DestinationRules, snapshot.Sole),
		Summary: "The host of a DestinationRule is in no Service and no ServiceEntry.",
		Why:     "Its settings and subsets are for nothing, and those of the service that is meant are missing.",
		Fix:     "Correct the host; a short name means a service of the DestinationRule's own namespace.", Equivalents: []string{"IST0174", "KIA0202"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, r := range m.Rules() {
				if r.Host == "" || elsewhere(m, r.Host) || stands(m, r.Host) {
					continue
				}
				given := r.Spec.GetHost()
				text := "there is no Service and no ServiceEntry " + r.Host
				if given != r.Host {
					text = given + " means " + r.Host + ", and there is no such service"
				}
				f := p.Reportf(snapshot.Place(r.DestinationRule, "spec.host"), "%s%s: the rule is for nothing", text, hint(m, given, r.Namespace))
				if strings.HasPrefix(r.Host, "*") {
					f.Severity = finding.Info
				}
			}
			p.Lookedf("%s, all for services that are there", finding.Count(len(m.Rules()), "DestinationRule"))
		},
	}
}

// stands says whether a host or wildcard stands for a service, or is covered by
// one of a wildcard.
func stands(m *mesh.Mesh, host string) bool {
	found := false
	m.Matching(host, func(*mesh.Service) bool {
		found = true
		return false
	})
	return found || m.Covered(host)
}
