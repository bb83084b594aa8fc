package ingress

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noWorkload() *rule.Rule {
	return &rule.Rule{
		ID: "GWY004", Name: "gateway-without-workload", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: edges(snapshot.Sole),
		Summary:     "A Gateway selects no workload.",
		Why:         "No proxy listens for its hosts, so that connections to them are refused.",
		Fix:         "Give spec.selector the labels of the gateway's pods, or install the gateway.",
		Equivalents: []string{"IST0101", "IST0127", "KIA0302"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			installs := m.InstallsGateways()
			for _, g := range p.Gateways {
				wanted := g.Spec.GetSelector()
				if len(wanted) == 0 || slices.ContainsFunc(m.EdgesWith(wanted), runs) {
					continue
				}
				if installs {
					p.Undecidedf("gateways that an installation among the files brings are not rendered")
					continue
				}
				if m.Elsewhere(wanted) {
					p.Undecidedf("the Istio installation is not among the files, and may bring gateways with the labels of some Gateways")
					continue
				}
				if by := m.MadeByOther("", wanted); by != "" {
					p.Undecidedf("gateways with the labels of some Gateways are made by objects of kinds that are not read, such as %s", by)
					continue
				}
				p.Reportf(snapshot.Place(g, "spec.selector"), "no workload has the labels %s, so that no gateway serves the hosts of this Gateway", labels.Set(wanted))
			}
			p.Lookedf("%s, each with a workload", finding.Count(len(p.Gateways), "Gateway"))
		},
	}
}

// runs says whether proxies of a gateway are seen.
func runs(e *mesh.Edge) bool { return e.Workload != nil || e.Kubernetes != nil }
