package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

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
					if i.custom || i.injected || tagged(i.tag) == "" || i.variant == nil || seen[i.tag.Location().String()] {
						continue
					}
					seen[i.tag.Location().String()] = true
					f := p.Reportf(i.tag, "tag %q already ends in -%s, and variant %q is appended: %s would pull :%s-%s",
						i.tag.Text, tagged(i.tag), i.variant.Text, i.component, i.tag.Text, i.variant.Text)
					f.Related = []finding.Related{{Message: "the variant is set here", At: i.variant.Location()}}
				}
			}
		},
	}
}
