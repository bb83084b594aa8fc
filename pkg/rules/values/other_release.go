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

func otherRelease() *rule.Rule {
	return &rule.Rule{
		ID: "VAL023", Name: "other-release", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "An image is of another release than the one that the configuration is checked for, or its tag or hub cannot be right.",
		Why:     "Charts of one release with images of another are tested by nobody: arguments, ports and permissions differ.",
		Fix:     "Remove the tag, so that it follows the release, correct it, or check for its release with --istio-version.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, v := range tags(c) {
					release(p, c, v, v.Text)
				}
				for _, v := range fullImages(c) {
					_, tag, _ := strings.Cut(v.Text[strings.LastIndex(v.Text, "/")+1:], ":")
					release(p, c, v, tag)
				}
				for _, v := range hubs(c) {
					imageInHub(p, v)
				}
			}
		},
	}
}

// releaseForm is a tag of Istio's, as far as it says the release.
var releaseForm = regexp.MustCompile(`^(v?)(1\.[0-9]+)(\.[0-9]+)?([-.].*)?$`)

func release(p *rule.Pass, c *snapshot.Config, v *document.Value, tag string) {
	m := releaseForm.FindStringSubmatch(tag)
	if m == nil || v.Placeholder() != "" || v.Kind == document.Float && strings.HasSuffix(tag, "0") {
		return // a number that loses its last digit is another rule's
	}
	minor, err := facts.ParseMinor(m[2])
	if err != nil {
		return
	}
	own := ownHub(c)
	if m[1] != "" && !own {
		f := p.Reportf(v, "tag %q does not exist: Istio's tags have no v, write %q", tag, tag[1:])
		f.Severity = finding.Error
		if plain, ok := strings.CutSuffix(v.Text, tag); ok {
			f.Propose(v.Replace(plain+tag[1:], document.String), "write the tag as %s", tag[1:])
		}
	}
	if minor == c.Istio {
		return
	}
	f := p.Reportf(v, "tag %q is of Istio %s, but the configuration is checked for %s; remove or raise the tag, or give --istio-version %s", tag, minor, c.Istio, minor)
	if own {
		f.Severity = finding.Info // a hub of one's own may number as it likes
	}
}

// fullImages lists the images that are named in full.
func fullImages(c *snapshot.Config) []*document.Value {
	v := c.Values()
	out := []*document.Value{v.At("global", "proxy", "image"), v.At("global", "proxy_init", "image"), v.At("pilot", "image"), v.At("cni", "image"), v.At("ztunnel", "image")}
	if !c.IsOperator() {
		out = append(out, v.Field("image"))
	}
	return slices.DeleteFunc(out, func(v *document.Value) bool { return first(v) == nil || !strings.Contains(v.Text, "/") })
}

// imageInHub reports a hub that ends in the name of an image, which the charts
// add once more.
func imageInHub(p *rule.Pass, v *document.Value) {
	last := v.Text[strings.LastIndex(v.Text, "/")+1:]
	if !slices.Contains([]string{"pilot", "proxyv2", "install-cni", "ztunnel"}, last) || last == v.Text {
		return
	}
	plain := strings.TrimSuffix(v.Text, "/"+last)
	f := p.Reportf(v, "hub %q ends in the name of an image, which is added once more: %s/%s; write %q", v.Text, v.Text, last, plain)
	f.Severity = finding.Error
	f.Propose(v.Replace(plain, document.String), "write %s", plain)
}
