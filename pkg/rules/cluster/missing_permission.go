package cluster

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingPermission() *rule.Rule {
	return &rule.Rule{
		ID: "PRE004", Name: "missing-permission", Category: "Permissions", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Precheck},
		Needs:       []snapshot.Part{snapshot.Rendered, snapshot.Access},
		Summary:     "The user may not do something that this installation needs.",
		Why:         "The installation would stop half-way, with part of its objects applied.",
		Fix:         "Let an administrator grant the verbs named, or install as a user who has them.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0141"},
		Run: func(p *rule.Pass) {
			denied := map[string][]string{}
			var order []string
			for _, a := range p.Access {
				resource := qualified(a)
				switch {
				case a.Unknown != "":
					p.Undecidedf("%s %s: %s", a.Verb, resource, a.Unknown)
				case !a.Allowed:
					if denied[resource] == nil {
						order = append(order, resource)
					}
					denied[resource] = append(denied[resource], a.Verb)
				}
			}
			for _, resource := range order {
				p.Reportf(finding.Location{Object: resource}, "you may not %s %s", strings.Join(denied[resource], ", "), resource)
			}
			p.Lookedf("%d permissions for %d objects", len(p.Access), len(p.Rendered))
		},
	}
}

func qualified(a snapshot.AccessAnswer) string {
	name := a.Resource
	if a.Group != "" {
		base, object, isObject := strings.Cut(a.Resource, "/")
		name = base + "." + a.Group
		if isObject {
			name += "/" + object
		}
	}
	if a.Namespace != "" {
		name += " in namespace " + a.Namespace
	}
	return name
}
