package injection

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func labelValue() *rule.Rule {
	return &rule.Rule{
		ID: "INJ012", Name: "label-value", Category: category, Severity: finding.Warning,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Namespaces, snapshot.Webhooks},
		Summary: "A namespace has the label istio-injection with another value than enabled or disabled.",
		Why:     "No injector takes its pods: they look for enabled, or for namespaces without the label.",
		Fix:     "Write istio-injection=enabled, or disabled where the pods are to stay out of the mesh.",
		Hints:   []string{"S8"},
		Run: func(p *rule.Pass) {
			hooks, spaces := injectors(p), users(p)
			for _, ns := range spaces {
				value, ok := ns.Labels[injectionLabel]
				refuses := slices.Contains([]string{"disabled", "disable", "false", "no", "off", "none", ""}, strings.ToLower(value)) // it does in effect
				if !ok || value == enabled || refuses || taken(hooks, ns.Labels, labels.Set{}) {
					continue
				}
				p.Reportf(labelOf(ns, injectionLabel), "istio-injection=%s does nothing, so that the pods of %s get no sidecar; write enabled, or disabled where that is meant", value, ns.Name)
			}
			p.Lookedf("%s", finding.Count(len(spaces), "namespace"))
		},
	}
}
