package others

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func overlappingInjectors() *rule.Rule {
	return &rule.Rule{
		ID: "INJ007", Name: "overlapping-injectors", Category: "Injection", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Webhooks, snapshot.Namespaces},
		Summary:     "Two webhooks of Istio inject the same pods.",
		Why:         "A pod gets the settings of two control planes, and often does not start.",
		Fix:         "Give one of both a revision, or take the default tag from one of them.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0139"},
		Run: func(p *rule.Pass) {
			_, found, err := p.PodHooks()
			if err != nil {
				p.Undecidedf("%v", err)
			}
			found = slices.DeleteFunc(found, func(h *snapshot.Hook) bool { return !h.OfIstio() })
			if len(found) > 1 {
				among(p, found, witnesses(p.Namespaces, found), map[snapshot.Key]bool{})
			}
			p.Lookedf("%s of injectors", finding.Count(len(found), "webhook"))
		},
	}
}
