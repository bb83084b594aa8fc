package values

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func retiredRegistry() *rule.Rule {
	return &rule.Rule{
		ID: "IMG005", Name: "retired-registry", Category: imagesCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "Images come from a registry that Istio no longer publishes to.",
		Why:     "New releases are not there, and the registries are being shut down; from then on no pod with such an image starts.",
		Fix:     "Use docker.io/istio, or a mirror of your own.",
		Hints:   []string{"S2"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, v := range append(hubs(c), fullImages(c)...) {
					retired(p, v)
				}
			}
		},
	}
}

func retired(p *rule.Pass, v *document.Value) {
	for _, registry := range []string{"gcr.io/istio-release", "registry.istio.io/release"} {
		if below(v.Text, registry) {
			p.Reportf(v, "%s: Istio no longer publishes to %s, which is being shut down; use %s", v.Text, registry, facts.ReleaseHub)
			return
		}
	}
	for _, registry := range []string{"gcr.io/istio-testing", "registry.istio.io/testing"} {
		if below(v.Text, registry) {
			f := p.Reportf(v, "%s holds builds for Istio's own tests, not releases; use %s", v.Text, facts.ReleaseHub)
			f.Severity = finding.Info
			return
		}
	}
}

func below(image, registry string) bool {
	return image == registry || strings.HasPrefix(image, registry+"/") || strings.HasPrefix(image, registry+":")
}
