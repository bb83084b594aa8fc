package cluster

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unknownKind() *rule.Rule {
	return &rule.Rule{
		ID: "PRE010", Name: "unknown-kind", Category: "Kubernetes", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Kinds},
		Summary: "The installation has objects of a kind that the cluster does not know.",
		Why:     "The object would be refused half-way through the installation; platform profiles such as openshift count on kinds of that platform.",
		Fix:     "Install what brings the kind, for example Multus for NetworkAttachmentDefinition, or choose the profile and platform of this cluster.",
		Hints:   []string{"S1", "S5"},
		Run: func(p *rule.Pass) {
			for _, key := range p.UnknownKinds {
				p.Reportf(key, "the cluster has no kind %s of group %s, which this installation contains", key.Kind, key.Group)
			}
			p.Lookedf("every kind of %d objects is known or brought along", len(p.Rendered))
		},
	}
}
