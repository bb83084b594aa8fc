package values

import (
	"regexp"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func imageNotDistroless() *rule.Rule {
	return &rule.Rule{
		ID: "IMG001", Name: "image-not-distroless", Category: imagesCategory, Severity: finding.Info,
		Stages: validate(), Needs: configuration(),
		Summary: "A component does not use the distroless image.",
		Why:     "The default images hold a shell and a package manager, which widens what an intruder can do and what scanners report.",
		Fix:     "Set global.variant to distroless, unless hooks or probes on the proxy need a shell.",
		Hints:   []string{"S2"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if plain := undistroless(c); len(plain) > 0 {
					p.Missingf(c, c.Nearest(globalPath(c)...), "%s: not the distroless image; set %s.variant: distroless",
						strings.Join(plain, ", "), strings.Join(globalPath(c), "."))
				}
				for _, i := range images(c) {
					inFullNotDistroless(p, i)
				}
			}
		},
	}
}

func undistroless(c *snapshot.Config) []string {
	var out []string
	for _, i := range images(c) {
		if i.full != nil || tagged(i.tag) == "distroless" || i.variant != nil && i.variant.Text != "debug" && i.variant.Text != "default" {
			continue
		}
		out = append(out, i.component)
	}
	return out
}

// istiosImage is one of Istio's own images with a tag that says the release.
var istiosImage = regexp.MustCompile(`/(pilot|proxyv2|install-cni|ztunnel):[0-9]+\.[0-9]+(\.[0-9]+)?(-debug)?$`)

// inFullNotDistroless judges an image that is named in full, to which neither
// tag nor variant are added. What another registry calls distroless is not
// known.
func inFullNotDistroless(p *rule.Pass, i image) {
	if i.full == nil || i.full.Placeholder() != "" || !istios(i.full.Text) || !istiosImage.MatchString(i.full.Text) {
		return
	}
	p.Reportf(i.full, "%s: the image that is named in full is not the distroless one; let its tag end in -distroless", i.component)
}

func globalPath(c *snapshot.Config) []string {
	if c.IsOperator() {
		return []string{"spec", "values", "global"}
	}
	return []string{"global"}
}
