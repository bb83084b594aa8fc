package cluster

import (
	"strings"

	"github.com/Masterminds/semver/v3"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio.io/istio/pkg/config/schema/gatewayapi"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const bundleVersion = "gateway.networking.k8s.io/bundle-version"

func gatewayAPIVersion() *rule.Rule {
	return &rule.Rule{
		ID: "PRE005", Name: "gateway-api-version", Category: "Kubernetes", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Precheck, rule.Analyze},
		Needs:       []snapshot.Part{snapshot.CRDs, snapshot.ControlPlanes},
		Summary:     "A Gateway API CRD in the cluster is older than this Istio minor reads, or newer than the one that runs.",
		Why:         "istiod silently does not watch a kind whose CRD is too old, so its routes have no effect.",
		Fix:         "Install the Gateway API bundle that this Istio minor asks for.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0156", "IST0172", "IST0176"},
		Run: func(p *rule.Pass) {
			found := 0
			for _, crd := range p.CRDs {
				if !strings.HasSuffix(crd.Name, ".gateway.networking.k8s.io") {
					continue
				}
				found++
				ceiling(p, crd)
				// The embedded minor's own table; older minors have none.
				if minimum := gatewayapi.MinimumCRDVersions[crd.GetName()]; minimum != nil && p.Target.Istio == facts.Embedded() {
					compareBundle(p, crd, minimum)
				}
			}
			if found == 0 {
				p.Lookedf("no Gateway API CRDs; they are needed for Gateway API routes and waypoints only")
				return
			}
			p.Lookedf("%d Gateway API CRDs", found)
		},
	}
}

func compareBundle(p *rule.Pass, crd *metav1.PartialObjectMetadata, want *semver.Version) {
	at := snapshot.Place(crd, "metadata.annotations")
	have, err := semver.NewVersion(crd.GetAnnotations()[bundleVersion])
	if err != nil {
		p.Reportf(at, "it carries no readable annotation %s, without which istiod ignores %s", bundleVersion, crd.GetName())
		return
	}
	released, err := have.SetPrerelease("") // a candidate counts as the release
	if err == nil && released.LessThan(want) {
		p.Reportf(at, "bundle %s is older than %s, which Istio %s needs for %s", have.Original(), want, p.Target.Istio, crd.GetName())
	}
}
