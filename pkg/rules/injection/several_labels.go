package injection

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalLabels() *rule.Rule {
	return &rule.Rule{
		ID: "INJ003", Name: "several-mesh-labels", Category: category, Severity: finding.Warning,
		Stages:      []rule.Stage{rule.Precheck, rule.Verify, rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Namespaces},
		Summary:     "A namespace has labels that join its pods to the mesh in different ways.",
		Why:         "One label silently wins: istio-injection over istio.io/rev, and a sidecar over ambient mode.",
		Fix:         "Leave one of the labels.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0123", "KIA1311", "KIA1315", "KIA1316"},
		Run: func(p *rule.Pass) {
			spaces := users(p)
			for _, ns := range spaces {
				injection, rev := ns.Labels[injectionLabel], ns.Labels[revisionLabel]
				if injection == enabled && rev != "" {
					p.Reportf(labelOf(ns, revisionLabel), "%s has istio-injection=enabled too, which wins; istio.io/rev=%s is not looked at", ns.Name, rev)
				}
				if ns.Labels[dataplaneLabel] == ambient && (injection == enabled || injection == "" && rev != "") {
					p.Reportf(labelOf(ns, dataplaneLabel), "the pods of %s get a sidecar by its other label, and istio.io/dataplane-mode=ambient does not take those", ns.Name)
				}
			}
			p.Lookedf("%s", finding.Count(len(spaces), "namespace"))
		},
	}
}

// labelOf is the place of a namespace's label.
func labelOf(ns *corev1.Namespace, label string) finding.Location {
	return snapshot.Place(ns, fmt.Sprintf("metadata.labels[%q]", label))
}
