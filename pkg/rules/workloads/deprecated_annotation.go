package workloads

import (
	"istio.io/api/annotation"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func deprecatedAnnotation() *rule.Rule {
	return &rule.Rule{
		ID: "ANN003", Name: "deprecated-annotation", Category: annotations, Severity: finding.Warning,
		Stages: analyze(), Needs: annotatedParts(),
		Summary: "An annotation is deprecated by Istio.",
		Why:     "A later Istio stops reading it, and what it changes goes back to the default without a word.",
		Fix:     "Use what replaces it: the label of the same name for injection, else a ProxyConfig, a Telemetry or mesh config.",
		Hints:   []string{"S10"}, Equivalents: []string{"IST0135"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, a := range everything(mesh.Of(p.Snapshot)) {
				for _, name := range a.istio {
					looked++
					if def := known()[name]; def != nil && def.Deprecated && !replaced(a, name) {
						p.Reportf(a.at(name), "annotation %s is deprecated%s", name, instead(name))
					}
				}
			}
			p.Lookedf("%s of Istio", finding.Count(looked, "annotation"))
		},
	}
}

// replaced says whether the label that replaces an annotation is there too.
func replaced(a annotated, name string) bool {
	_, ok := a.labels[mesh.InjectLabel]
	return ok && name == annotation.SidecarInject.Name
}

// instead says what to use in the place of a deprecated annotation.
func instead(name string) string {
	switch name {
	case annotation.SidecarInject.Name:
		return "; write it as a label of the pods"
	case annotation.SidecarDiscoveryAddress.Name:
		return "; set discoveryAddress in mesh config or in " + annotation.ProxyConfig.Name
	case annotation.SidecarTrafficKubevirtInterfaces.Name:
		return "; use " + annotation.IoIstioRerouteVirtualInterfaces.Name
	case annotation.SidecarStatsInclusionPrefixes.Name, annotation.SidecarStatsInclusionRegexps.Name, annotation.SidecarStatsInclusionSuffixes.Name:
		return "; set proxyStatsMatcher in a ProxyConfig or in " + annotation.ProxyConfig.Name
	case annotation.SidecarExtraStatTags.Name:
		return "; add tags with a Telemetry"
	}
	return "; remove it before Istio stops reading it"
}
