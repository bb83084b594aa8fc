package values

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func imageVariant() *rule.Rule {
	return &rule.Rule{
		ID: "IMG003", Name: "image-variant", Category: imagesCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "An image variant is none that Istio publishes.",
		Why:     "The charts append any text to the tag, so an image is pulled that does not exist.",
		Fix:     "Use distroless or debug, or an empty string for the default image.",
		Hints:   []string{"S2"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, v := range variants(c) {
					variant(p, c, v)
				}
			}
		},
	}
}

// variants lists the variants that the user wrote; global.proxy's goes to
// the injector, which knows "default" as well.
func variants(c *snapshot.Config) []*document.Value {
	values := c.Values()
	out := []*document.Value{
		values.Field("variant"), values.At("global", "variant"), values.At("pilot", "variant"), values.At("cni", "variant"),
		values.At("ztunnel", "variant"), values.At("global", "proxy", "variant"),
	}
	for _, mesh := range c.MeshConfigs() {
		out = append(out, mesh.At("defaultConfig", "image", "imageType"))
	}
	return slices.DeleteFunc(out, func(v *document.Value) bool { return first(v) == nil || v.Placeholder() != "" })
}

func variant(p *rule.Pass, c *snapshot.Config, v *document.Value) {
	published := []string{"debug", "distroless"}
	injected := v.Name() == "imageType" || strings.HasSuffix(v.Path(), "proxy.variant")
	switch {
	case slices.Contains(published, v.Text), injected && v.Text == "default":
	case v.Text == "default":
		f := p.Reportf(v, `variant "default" is appended to the tag, and no such image exists; use an empty string for the default image`)
		f.Propose(v.Replace("", document.String), "write an empty string")
	case schema.Suggest(v.Text, published) != "":
		meant := schema.Suggest(v.Text, published)
		f := p.Reportf(v, "unknown image variant %q, did you mean %q?", v.Text, meant)
		misspelt(f, v, published)
	case ownHub(c):
		f := p.Reportf(v, "image variant %q is not one of Istio's (debug, distroless); it must exist in your own hub", v.Text)
		f.Severity = finding.Info
	default:
		p.Reportf(v, "unknown image variant %q: Istio publishes debug and distroless", v.Text)
	}
}

// ownHub says whether images come from a hub that is not Istio's.
func ownHub(c *snapshot.Config) bool {
	return slices.ContainsFunc(hubs(c), func(hub *document.Value) bool { return hub.Text != "" && !istios(hub.Text) })
}

// istios says whether a hub, or an image, is one of Istio's own.
func istios(hub string) bool {
	return slices.ContainsFunc([]string{"docker.io/istio", "istio", "gcr.io/istio-release", "gcr.io/istio-testing", "registry.istio.io"}, func(r string) bool {
		return below(hub, r)
	})
}
