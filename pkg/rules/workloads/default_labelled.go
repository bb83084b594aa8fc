package workloads

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func defaultLabelled() *rule.Rule {
	return &rule.Rule{
		ID: "INJ005", Name: "default-labelled", Category: labelling, Severity: finding.Info,
		Stages: analyze(), Needs: pods(),
		Summary: "Injection is on in namespace default besides others, and nothing runs there.",
		Why:     "`kubectl label namespace shop default istio-injection=enabled` labels both namespaces; what is started in default by mistake is then injected.",
		Fix:     "Take the label off with `kubectl label namespace default istio-injection-`.",
		Hints:   []string{"S8"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			space := m.Space("default")
			injects := func(name string) bool {
				ns := m.Space(name)
				return ns != nil && ns.Labels[mesh.InjectionLabel] == "enabled"
			}
			var others []string
			for _, ns := range p.Namespaces {
				if ns.Name != "default" && injects(ns.Name) {
					others = append(others, ns.Name)
				}
			}
			slices.Sort(others)
			if injects("default") && len(others) > 0 && len(m.WorkloadsOf("default")) == 0 {
				p.Reportf(snapshot.Place(space, "metadata.labels[\""+mesh.InjectionLabel+"\"]"), "injection is on here and in %s, but nothing runs in namespace default; take the label off if it came with another's", rule.First(others))
			}
			p.Lookedf("%s", finding.Count(len(p.Namespaces), "namespace"))
		},
	}
}
