package others

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func crdOwnership() *rule.Rule {
	return &rule.Rule{
		ID: "PRE009", Name: "crd-ownership", Category: "Istio", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Rendered, snapshot.CRDs},
		Summary: "Istio's CRDs are in the cluster without the marks of the Helm release that is to write them.",
		Why:     "Chart base has them as templates since 1.24, and Helm refuses to upgrade what does not carry its release's label and annotations.",
		Fix:     "Label the CRDs app.kubernetes.io/managed-by=Helm and annotate them with meta.helm.sh/release-name and release-namespace, or set base.enableCRDTemplates=false.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			there := map[string]*metav1.PartialObjectMetadata{}
			for _, crd := range p.CRDs {
				there[crd.Name] = crd
			}
			looked := 0
			for _, c := range p.Configs {
				if c.Chart != "base" || c.Istio.Before(facts.Minor{Major: 1, Minor: 24}) || applied(c) {
					continue
				}
				var mine []*metav1.PartialObjectMetadata
				for _, m := range p.Rendered {
					if crd := there[m.Object.GetName()]; m.Config == c && crd != nil && m.Object.GetKind() == "CustomResourceDefinition" {
						mine = append(mine, crd)
					}
				}
				looked += len(mine)
				unowned(p, c, mine)
			}
			p.Lookedf("%d CRDs of chart base are there", looked)
		},
	}
}

// applied says whether a tool applies what Helm renders, without Helm's
// question who owns it.
func applied(c *snapshot.Config) bool {
	return c.Wrapper != nil && strings.HasPrefix(c.Wrapper.Kind, "Application")
}

// unowned reports the CRDs that Helm would refuse, by what they lack.
func unowned(p *rule.Pass, c *snapshot.Config, crds []*metav1.PartialObjectMetadata) {
	var bare, others []string
	release := ""
	for _, crd := range crds {
		who, ok := snapshot.KeptByHelm(crd)
		switch {
		case ok && foreignRelease(c, who.Name):
			others, release = append(others, crd.Name), who.Name
		case !ok || crd.Labels["app.kubernetes.io/managed-by"] != "Helm":
			bare = append(bare, crd.Name)
		}
	}
	at := func(name string) finding.Locator {
		return finding.Location{Object: "CustomResourceDefinition/" + name, Path: "metadata"}
	}
	if len(bare) > 0 {
		name, ns := releaseName(c), c.Namespace()
		p.Reportf(at(bare[0]), "CRDs lack Helm's marks, so Helm refuses to upgrade chart base: %s; label them app.kubernetes.io/managed-by=Helm and annotate them meta.helm.sh/release-name=%s and meta.helm.sh/release-namespace=%s",
			rule.Some(bare), name, ns)
	}
	if len(others) > 0 {
		p.Reportf(at(others[0]), "CRDs belong to Helm release %s, so Helm refuses to write them for %s: %s", release, releaseName(c), rule.Some(others))
	}
}
