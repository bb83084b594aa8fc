package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func revisionNames() *rule.Rule {
	return &rule.Rule{
		ID: "VAL027", Name: "revision-names", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A revision or a revision tag has a name that clashes with another or that Kubernetes refuses.",
		Why:     "Webhooks overlap or cannot be created, and pods are injected by another control plane than the one that is meant.",
		Fix:     "Give tags names of their own, and leave the revision out for the default control plane.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if c.ComponentEnabled("pilot") {
					revisionTags(p, c)
				}
				calledDefault(p, c)
				validatorRevision(p, c)
			}
		},
	}
}

func revisionTags(p *rule.Pass, c *snapshot.Config) {
	seen := map[string]*document.Value{}
	tags := append(c.Values().Field("revisionTags").Items(), c.Values().At("pilot", "revisionTags").Items()...)
	for _, tag := range tags {
		switch {
		case !tag.Scalar() || tag.Placeholder() != "":
		case !labelForm.MatchString(tag.Text):
			p.Reportf(tag, "revision tag %q is no valid name: it may hold lower-case letters, digits and dashes, as in %q", tag.Text, relabelled(tag.Text))
		case tag.Text == c.Revision():
			p.Reportf(tag, "revision tag %q has the name of the revision itself: both webhooks would inject the same pods", tag.Text)
		case seen[tag.Text] != nil:
			f := p.Reportf(tag, "revision tag %q is given twice; its objects can be created only once", tag.Text)
			f.Related = []finding.Related{{Message: "the first one stands here", At: seen[tag.Text].Location()}}
			f.Propose(tag.Remove(nil), "remove it")
		default:
			seen[tag.Text] = tag
		}
	}
}

// calledDefault reports the revision "default", which is the name of having
// none: the charts name objects istiod-default, and istioctl patches istiod.
func calledDefault(p *rule.Pass, c *snapshot.Config) {
	for _, v := range revisions(c) {
		if v.Text != "default" || c.Chart == "gateway" || c.Chart == "ztunnel" || c.Chart == "cni" {
			continue
		}
		f := p.Reportf(v, `revision "default" makes a control plane named istiod-default beside the default one; leave the revision out`)
		f.Severity = finding.Warning
		if c.IsOperator() && len(c.Root.At("spec", "components", "pilot", "k8s").Fields()) > 0 {
			f.Severity = finding.Error
			f.Message = `revision "default" makes a control plane named istiod-default, to which istioctl applies no setting of spec.components.pilot.k8s; leave the revision out`
		}
	}
}

// validatorRevision judges the revision whose istiod checks Istio's objects.
func validatorRevision(p *rule.Pass, c *snapshot.Config) {
	v := c.Values().Field("defaultRevision")
	if first(v) != nil && v.Placeholder() == "" && !labelForm.MatchString(v.Text) {
		p.Reportf(v, "defaultRevision %q is no valid name: it may hold lower-case letters, digits and dashes, as in %q", v.Text, relabelled(v.Text))
	}
}
