package rendered

import (
	"strings"

	"github.com/distribution/reference"

	"github.com/meshctl/meshctl/pkg/rule"
)

// injectedImages judges the images that the injector gives to proxies, which
// no rendered object holds. A name with a slash is used as it is; any other
// stands between hub and tag.
func injectedImages(p *rule.Pass) {
	for _, r := range p.Renderings {
		c := r.Config
		if r.Unknown != "" || c.Effective == nil || !c.ComponentEnabled("pilot") {
			continue
		}
		global := c.EffectiveValues().Field("global")
		for _, field := range []string{"proxy", "proxy_init"} {
			v := global.At(field, "image")
			if !v.Scalar() || v.Text == "" || v.Placeholder() != "" {
				continue
			}
			image, how := v.Text, ""
			if !strings.Contains(image, "/") {
				image, how = "hub/"+image+":tag", "; it stands between hub and tag"
			}
			if _, err := reference.ParseNormalizedNamed(image); err != nil {
				p.Reportf(v, "the injector makes the image of proxies from %q, which gives no valid reference%s", cut(v.Text), how)
			}
		}
	}
}
