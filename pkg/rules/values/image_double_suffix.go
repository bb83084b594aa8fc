package values

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// agreed says that every component that takes a tag sets the variant that the
// tag ends in, so that without the ending each gets the image that was meant.
func agreed(c *snapshot.Config, tag *document.Value) bool {
	return !slices.ContainsFunc(images(c), func(i image) bool {
		same := i.tag != nil && i.tag.Location() == tag.Location()
		return same && i.full == nil && (i.variant == nil || i.variant.Text != tagged(tag))
	})
}

func imageDoubleSuffix() *rule.Rule {
	return &rule.Rule{
		ID: "IMG002", Name: "image-double-suffix", Category: imagesCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A tag ends in an image variant and the variant is set as well.",
		Why:     "The charts append the variant to the tag, so an image with a doubled suffix is pulled, which does not exist.",
		Fix:     "Take the suffix off the tag and keep the variant.",
		Hints:   []string{"S2"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				seen := map[string]bool{}
				for _, i := range images(c) {
					if i.full != nil || i.injected || tagged(i.tag) == "" || i.variant == nil || seen[i.tag.Location().String()] {
						continue
					}
					seen[i.tag.Location().String()] = true
					f := p.Reportf(i.tag, "tag %q already ends in -%s, and variant %q is appended: %s would pull :%s-%s",
						i.tag.Text, tagged(i.tag), i.variant.Text, i.component, i.tag.Text, i.variant.Text)
					f.Related = []finding.Related{{Message: "the variant is set here", At: i.variant.Location()}}
					if plain := strings.TrimSuffix(i.tag.Text, "-"+tagged(i.tag)); agreed(c, i.tag) {
						f.Propose(i.tag.Replace(plain, document.String), "write the tag as %s", plain)
					}
				}
			}
		},
	}
}
