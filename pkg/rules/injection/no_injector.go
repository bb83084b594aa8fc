package injection

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noInjector() *rule.Rule {
	return &rule.Rule{
		ID: "INJ002", Name: "no-injector", Category: category, Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck, rule.Verify, rule.Analyze},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Namespaces, snapshot.Webhooks, snapshot.ControlPlanes},
		Summary: "A namespace has istio-injection=enabled, and no injector takes pods by this label.",
		Why:     "Its pods start without a sidecar, outside of the mesh; with revisions only the default tag answers to this label.",
		Fix:     "Make a revision the default one with `meshctl tag set default --revision`, or label the namespace istio.io/rev with a revision.",
		Hints:   []string{"S8"},
		Run: func(p *rule.Pass) {
			hooks := injectors(p)
			if len(hooks) == 0 && len(p.Origins) > 0 {
				p.Undecidedf(noWebhooks)
				return
			}
			if len(hooks) == 0 {
				p.Lookedf("no injector is there or to be installed")
				return
			}
			var left []string
			labelled := 0
			for _, ns := range users(p) {
				if ns.Labels[injectionLabel] != enabled {
					continue
				}
				labelled++
				if !taken(hooks, ns.Labels, labels.Set{}) {
					left = append(left, ns.Name)
				}
			}
			if len(left) > 0 {
				p.Reportf(first(left), "no injector takes the pods of %s with istio-injection=enabled; %s",
					rule.Some(left), there(revisions(p), "there are the revisions and tags %s, and none is the default"))
			}
			p.Lookedf("%s with istio-injection=enabled", finding.Count(labelled, "namespace"))
		},
	}
}
