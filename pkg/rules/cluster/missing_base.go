package cluster

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingBase() *rule.Rule {
	return &rule.Rule{
		ID: "HELM001", Name: "missing-base", Category: "Objects", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CRDs},
		Summary: "Chart istiod is to be installed where neither chart base is nor Istio's CRDs are.",
		Why:     "Without the kinds that chart base brings istiod never turns its validation on, and no configuration of the mesh can be made.",
		Fix:     "Install chart base first, or give its values along with those of chart istiod.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			p.Lookedf("the charts of %s", finding.Count(len(p.Configs), "configuration"))
			istio := 0
			for _, crd := range p.CRDs {
				if strings.HasSuffix(crd.GetName(), ".networking.istio.io") {
					istio++
				}
			}
			for _, c := range p.Configs {
				if c.IsOperator() || c.ComponentEnabled("base") {
					return
				}
			}
			for _, c := range p.Configs {
				if c.Chart == "istiod" && istio == 0 {
					p.Reportf(c.Root, "the cluster has no kinds of networking.istio.io, which chart base brings; install chart base before chart istiod")
				}
			}
			p.Lookedf("the cluster has %s of networking.istio.io", finding.Count(istio, "kind"))
		},
	}
}
