package values

import (
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
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
					retired(p, c, v)
				}
			}
		},
	}
}

func retired(p *rule.Pass, c *snapshot.Config, v *document.Value) {
	if registry := facts.RetiredRegistry(v.Text); registry != "" {
		f := p.Reportf(v, "%s: Istio no longer publishes to %s, which is being shut down; use %s", v.Text, registry, facts.ReleaseHub)
		if released(c, v) {
			f.Propose(v.Replace(facts.ReleaseHub+v.Text[len(registry):], document.String), "use %s", facts.ReleaseHub)
		}
		return
	}
	for _, registry := range []string{"gcr.io/istio-testing", "registry.istio.io/testing"} {
		if below(v.Text, registry) {
			f := p.Reportf(v, "%s holds builds for Istio's own tests, not releases; use %s", v.Text, facts.ReleaseHub)
			f.Severity = finding.Info
			return
		}
	}
}

// releaseTag is a tag that every registry of Istio's releases has.
var releaseTag = regexp.MustCompile(`^1\.[0-9]+\.[0-9]+(-debug|-distroless)?$`)

// released says that the images of a hub, or one that is named in full, are
// those of a release, which the other registry has too.
func released(c *snapshot.Config, v *document.Value) bool {
	if name, tag, full := strings.Cut(v.Text, ":"); full {
		return !strings.Contains(name, "@") && releaseTag.MatchString(tag)
	}
	return !slices.ContainsFunc(tags(c), func(tag *document.Value) bool { return !releaseTag.MatchString(tag.Text) })
}

func below(image, registry string) bool {
	return image == registry || strings.HasPrefix(image, registry+"/") || strings.HasPrefix(image, registry+":")
}
