package traffic

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unreachableRule() *rule.Rule {
	return &rule.Rule{
		ID: "VS012", Name: "unreachable-rule", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "A rule or match of a VirtualService is never reached, because one before it takes the same requests.",
		Why:     "Proxies try the rules in their order and take the first that matches.",
		Fix:     "Put the more specific rule first, and the one without match last.", Equivalents: []string{"IST0130", "IST0131"},
		Run: func(p *rule.Pass) {
			n := 0
			for _, v := range mesh.Of(p.Snapshot).Routing() {
				n += len(v.Spec.GetHttp()) + len(v.Spec.GetTcp()) + len(v.Spec.GetTls())
				t := tried{pass: p, of: v}
				for i, r := range v.Spec.GetHttp() {
					var asked []condition
					for _, m := range r.GetMatch() {
						asked = append(asked, conditionOf(m))
					}
					t.try("spec.http", i, asked, r.GetDelegate() == nil)
				}
				t = tried{pass: p, of: v}
				for i, r := range v.Spec.GetTcp() {
					t.try("spec.tcp", i, texts(r.GetMatch(), l4), true)
				}
				t = tried{pass: p, of: v}
				for i, r := range v.Spec.GetTls() {
					t.try("spec.tls", i, texts(r.GetMatch(), sni), true)
				}
			}
			p.Lookedf("%s, all within reach", finding.Count(n, "rule"))
		},
	}
}
