package traffic

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func oldGatewayName() *rule.Rule {
	return &rule.Rule{
		ID: "VS010", Name: "old-gateway-name", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "A VirtualService names a Gateway by NAME.NAMESPACE.svc.cluster.local.",
		Why:     "That form is kept for old configurations only, and says no more than NAMESPACE/NAME.",
		Fix:     "Write NAMESPACE/NAME.", Equivalents: []string{"KIA1108"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			n := 0
			for _, v := range m.Routing() {
				for _, b := range bindings(v) {
					n++
					if !strings.Contains(b.given, "/") && strings.Contains(b.given, ".") {
						p.Reportf(snapshot.Place(v.VirtualService, b.path), "%s is an old form: write %s", b.given, b.full)
					}
				}
			}
			p.Lookedf("%s to gateways", finding.Count(n, "binding"))
		},
	}
}
