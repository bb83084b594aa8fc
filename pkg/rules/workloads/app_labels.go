package workloads

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func applicationName() *rule.Rule {
	return labelled(rule.Rule{
		ID: "APP002", Name: "application-name", Category: requirements, Severity: finding.Info,
		Summary: "The pods of a workload in the mesh have no label with the application's name.",
		Why:     "Metrics, traces and dashboards group by it, and show the workload's own name in its place.",
		Fix:     "Add app.kubernetes.io/name or app to the pods' labels; service.istio.io/canonical-name wins over both.",
		Hints:   []string{"S9"},
	}, "the application's name", "service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
}

func applicationVersion() *rule.Rule {
	return labelled(rule.Rule{
		ID: "APP003", Name: "application-version", Category: requirements, Severity: finding.Info,
		Summary: "The pods of a workload in the mesh have no label with a version.",
		Why:     "Metrics and dashboards then show the version latest for all of them, and subsets by version cannot select them.",
		Fix:     "Add app.kubernetes.io/version or version to the pods' labels; service.istio.io/canonical-revision wins over both.",
		Hints:   []string{"S9"},
	}, "a version", "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
}

// labelled is a rule that wants one of some labels on the pods of the mesh; the
// first of them is the one that wins.
func labelled(r rule.Rule, what string, names ...string) *rule.Rule {
	r.Stages, r.Needs = analyze(), pods()
	r.Run = func(p *rule.Pass) {
		m, looked := mesh.Of(p.Snapshot), 0
		for _, w := range applications(m) {
			looked++
			if slices.ContainsFunc(names, func(name string) bool { return w.Labels[name] != "" }) {
				continue
			}
			if m.InAmbient(w) == mesh.Yes || surely(p, m, w) {
				p.Reportf(w.At("metadata.labels"), "the pods of %s have no label with %s; add %s or %s", w, what, names[1], names[2])
			}
		}
		p.Lookedf("the labels of %s", finding.Count(looked, "workload"))
	}
	return &r
}
