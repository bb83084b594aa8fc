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
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Rendered, snapshot.CRDs, snapshot.Existing},
		Summary: "Istio's CRDs are in the cluster without the marks of the Helm release that is to write them.",
		Why:     "Chart base has them as templates since 1.24, and Helm refuses to upgrade what does not carry its release's label and annotations.",
		Fix:     "Label the CRDs app.kubernetes.io/managed-by=Helm and annotate them with meta.helm.sh/release-name and release-namespace, take them over with `meshctl install --take-ownership`, or set base.enableCRDTemplates=false.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			there := map[string]*metav1.PartialObjectMetadata{}
			for _, crd := range p.CRDs {
				there[crd.Name] = crd
			}
			looked, charts := 0, 0
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
				looked, charts = looked+len(mine), charts+1
				unowned(p, c, mine)
			}
			if charts == 0 {
				p.Lookedf("Helm is to write no CRDs")
				return
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
	report := func(name, format string, args ...any) {
		f := p.Reportf(finding.Location{Object: "CustomResourceDefinition/" + name, Path: "metadata"}, format, args...)
		if p.Settings.TakeOwnership {
			f.Severity = finding.Warning // which does what Helm asks for
		}
	}
	if len(bare) > 0 {
		name, ns := releaseName(c), c.Namespace()
		report(bare[0], "CRDs lack Helm's marks, so Helm refuses to upgrade chart base: %s; label them app.kubernetes.io/managed-by=Helm and annotate them meta.helm.sh/release-name=%s and meta.helm.sh/release-namespace=%s",
			rule.Some(bare), name, ns)
	}
	if len(others) > 0 {
		state := ""
		if p.Existing[snapshot.Key{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition", Name: others[0]}].Orphan {
			state = ", which is gone"
		}
		report(others[0], "CRDs belong to Helm release %s%s, so Helm refuses to write them for %s: %s; take them over with `meshctl install --take-ownership`", release, state, releaseName(c), rule.Some(others))
	}
}
