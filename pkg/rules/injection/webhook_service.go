package injection

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func webhookService() *rule.Rule {
	return &rule.Rule{
		ID: "INJ010", Name: "webhook-service", Category: category, Severity: finding.Error,
		Stages:      []rule.Stage{rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Whole, snapshot.Webhooks, snapshot.Services},
		Summary:     "A webhook of Istio calls a Service that does not exist.",
		Why:         "Nobody answers: the API server refuses the pods or objects, or makes pods without a sidecar where the webhook may be ignored.",
		Fix:         "Bring that istiod back, point the tag to a revision that runs, or delete the webhook configuration.",
		Hints:       []string{"S1", "S8"},
		Equivalents: []string{"IST0139"},
		Run: func(p *rule.Pass) {
			there := map[[2]string]bool{}
			for _, s := range p.Services {
				there[[2]string{s.Namespace, s.Name}] = true
			}
			hooks, err := snapshot.Hooks(p.Webhooks...)
			if err != nil {
				p.Undecidedf("%v", err)
			}
			looked, done := 0, map[snapshot.Key]bool{}
			for _, h := range hooks {
				to := h.ClientConfig.Service
				if !h.OfIstio() || to == nil || done[snapshot.KeyOf(h.Config)] {
					continue
				}
				looked++
				if len(there) == 0 {
					p.Undecidedf("no Services are in the picture")
					return
				}
				if !there[[2]string{to.Namespace, to.Name}] {
					done[snapshot.KeyOf(h.Config)] = true
					p.Reportf(hookPlace(h, ".service"), "webhook %s calls Service %s/%s, which does not exist", h.Name, to.Namespace, to.Name)
				}
			}
			p.Lookedf("the Services of %s", finding.Count(looked, "webhook"))
		},
	}
}
