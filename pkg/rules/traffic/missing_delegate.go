package traffic

import (
	"cmp"
	"fmt"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingDelegate() *rule.Rule {
	return &rule.Rule{
		ID: "VS016", Name: "missing-delegate", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices, snapshot.Whole},
		Summary: "A VirtualService delegates to one that does not exist, has hosts of its own, or is not exported to it.",
		Why:     "istiod leaves the route out: its requests take a later one, or get 404.",
		Fix:     "Correct name and namespace of the delegate, take hosts out of it, or export it to the namespace of the root.",
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			names := map[string]*mesh.VirtualService{}
			for _, v := range m.Routing() {
				names[v.Namespace+"/"+v.Name] = v
			}
			for _, v := range m.Routing() {
				if v.Delegate() {
					continue // Istio's validation refuses a second step
				}
				for i, r := range v.Spec.GetHttp() {
					d := r.GetDelegate()
					if d == nil {
						continue
					}
					looked++
					full := cmp.Or(d.GetNamespace(), v.Namespace) + "/" + d.GetName()
					why := ""
					switch to := names[full]; {
					case to == nil:
						why = "there is no VirtualService " + full
					case !to.Delegate():
						why = "VirtualService " + full + " has hosts, so that nothing can be delegated to it"
					case !to.Visible.In(v.Namespace):
						why = "VirtualService " + full + " is not exported to namespace " + v.Namespace
					default:
						continue
					}
					p.Reportf(snapshot.Place(v.VirtualService, fmt.Sprintf("spec.http[%d].delegate", i)), "%s: this route is left out", why)
				}
			}
			p.Lookedf("%s, all there", finding.Count(looked, "delegate"))
		},
	}
}
