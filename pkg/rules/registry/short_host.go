package registry

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func shortHost() *rule.Rule {
	return &rule.Rule{
		ID: "SE006", Name: "short-host", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(),
		Summary: "The host of a ServiceEntry has no dot.",
		Why:     "VirtualServices and DestinationRules complete a short name with their own namespace and so never mean this host, and clients' resolvers may complete it as well.",
		Fix:     "Write a full name, such as db.example.com.",
		Hints:   []string{"E4"},
		Run: func(p *rule.Pass) {
			for _, e := range aged(mesh.Of(p.Snapshot)) {
				for i, host := range e.Spec.GetHosts() {
					if host != "" && !strings.ContainsAny(host, ".*") {
						p.Reportf(e.host(i), "host %s is a short name, which rules in namespace %s read as %s.%s.svc.cluster.local; write a full name", host, e.Namespace, host, e.Namespace)
					}
				}
			}
			p.Lookedf("the hosts of %s", finding.Count(len(p.ServiceEntries), "ServiceEntry"))
		},
	}
}
