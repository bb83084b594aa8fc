package rendered

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func imageReference() *rule.Rule {
	return &rule.Rule{
		ID: "MAN011", Name: "image-reference", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "The image of a rendered container is no valid image reference, has a tag with the suffixes of two variants, or comes from a retired registry.",
		Why:     "The pods end in InvalidImageName or ErrImagePull.",
		Fix:     "Correct the hub, the tag or the image; a hub has no https:// and no tag.",
		Hints:   []string{"S2"},
		Run: func(p *rule.Pass) {
			each(p, single(images))
			injectedImages(p)
		},
	}
}

// injected is the image that stands for "as the injector composes it".
const injected = "auto"

func images(o *unstructured.Unstructured) []problem {
	template, ok := podTemplate(o)
	if !ok {
		return nil
	}
	var out []problem
	for _, c := range containers(template) {
		if c.Image == injected {
			continue
		}
		message := fmt.Sprintf("container %s has the image %q, which is no valid reference", c.Name, c.Image)
		if c.Image == "" {
			message = fmt.Sprintf("container %s has no image", c.Name)
		} else if suffixes := doubled(c.Image); suffixes != "" {
			message = fmt.Sprintf("container %s has the image %q; no image has a tag that ends in %s", c.Name, c.Image, suffixes)
		} else if _, err := reference.ParseNormalizedNamed(c.Image); err == nil {
			if registry := facts.RetiredRegistry(c.Image); registry != "" {
				out = append(out, problem{path: c.path + ".image", text: c.Image, severity: finding.Warning,
					message: fmt.Sprintf("container %s has the image %q; Istio no longer publishes to %s, which is being shut down; use %s", c.Name, c.Image, registry, facts.ReleaseHub)})
			}
			continue
		}
		out = append(out, problem{path: c.path + ".image", text: c.Image, severity: finding.Error, message: message})
	}
	return out
}

// doubled returns the two suffixes of Istio's image variants that a tag ends
// in, which a tag with a suffix and a variant give together.
func doubled(image string) string {
	for _, first := range []string{"-debug", "-distroless"} {
		for _, second := range []string{"-debug", "-distroless", "-default"} {
			if strings.HasSuffix(image, first+second) {
				return first + second
			}
		}
	}
	return ""
}
