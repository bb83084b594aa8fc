package registry

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func writers() *rule.Rule {
	return &rule.Rule{
		ID: "SE001", Name: "service-entry-writers", Category: category, Severity: finding.Warning,
		Stages:  analyze(),
		Needs:   []snapshot.Part{snapshot.Roles, snapshot.RoleBindings, snapshot.ClusterRoles, snapshot.ClusterRoleBindings},
		Summary: "Others than administrators may create or change ServiceEntries.",
		Why:     "With one a namespace opens the way to any outside host, for everybody unless exportTo says otherwise, or puts its own addresses behind a host of others.",
		Fix:     "Leave serviceentries out of the role, or limit them with meshConfig.serviceEntryVisibility, which Istio 1.31 has; name who may under rules.SE001.allow of the configuration file.",
		Hints:   []string{"E1"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			if m.Config.GetServiceEntryVisibility() != nil {
				p.Lookedf("serviceEntryVisibility limits who sees ServiceEntries")
				return
			}
			for _, g := range m.Writers("networking.istio.io", "serviceentries") {
				p.Reportf(snapshot.Place(g.Binding, "roleRef.name"), "%s lets %s write ServiceEntries %s; leave serviceentries out of the role", g.Role, rule.Some(g.Subjects), g.Where())
			}
			p.Lookedf("%s and %s", finding.Count(len(p.RoleBindings), "role binding"), finding.Count(len(p.ClusterRoleBindings), "cluster role binding"))
		},
	}
}
