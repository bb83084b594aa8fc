package cluster

import (
	"slices"
	"strings"

	"istio.io/istio/pkg/config/schema/gatewayapi"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func versionNotServed() *rule.Rule {
	return &rule.Rule{
		ID: "PRE043", Name: "version-not-served", Category: "Kubernetes", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Precheck},
		Needs:       []snapshot.Part{snapshot.Configuration, snapshot.Unserved},
		Summary:     "A CRD in the cluster does not serve the version in which istiod reads its kind.",
		Why:         "istiod finds the CRD, waits for objects of that version for ever, and never becomes ready.",
		Fix:         "Upgrade chart base, or the Gateway API bundle, before istiod.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0156"},
		Run: func(p *rule.Pass) {
			if p.Target.Istio != facts.Embedded() {
				p.Undecidedf("the versions that Istio %s reads are not known here", p.Target.Istio)
				return
			}
			if !slices.ContainsFunc(p.Configs, func(c *snapshot.Config) bool { return c.ComponentEnabled("pilot") }) {
				p.Lookedf("no istiod is to be installed")
				return
			}
			for _, u := range p.Unserved {
				if gatewayapi.MinimumCRDVersions[u.CRD] != nil {
					continue // istiod leaves old ones out, of which PRE005 speaks
				}
				p.Reportf(finding.Location{Object: "CustomResourceDefinition/" + u.CRD, Path: "spec.versions"}, "it does not serve %s, which Istio %s reads, so that istiod never becomes ready; %s",
					u.Version, p.Target.Istio, newer(u.CRD))
			}
			p.Lookedf("the CRDs that are there serve the versions that istiod reads")
		},
	}
}

// newer says how a newer CRD comes into the cluster.
func newer(crd string) string {
	if strings.HasSuffix(crd, ".istio.io") {
		return "upgrade chart base first"
	}
	return "upgrade the Gateway API bundle first"
}
