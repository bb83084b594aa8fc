package registry

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingAccount() *rule.Rule {
	return &rule.Rule{
		ID: "VM003", Name: "workload-group-account", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Whole, snapshot.WorkloadGroups, snapshot.ServiceAccounts},
		Summary: "A WorkloadGroup names a service account that its namespace does not have.",
		Why:     "No token can be made for its machines, so that they get no identity and do not join the mesh.",
		Fix:     "Create the service account, or correct the name.",
		Hints:   []string{"P4"}, Equivalents: []string{"KIA1701"},
		Run: func(p *rule.Pass) {
			if len(p.WorkloadGroups) > 0 && len(p.ServiceAccounts) == 0 {
				p.Undecidedf("the files hold no service accounts")
				return
			}
			known := map[[2]string]bool{}
			for _, a := range p.ServiceAccounts {
				known[[2]string{a.Namespace, a.Name}] = true
			}
			for _, g := range p.WorkloadGroups {
				// Kubernetes makes the account default in every namespace.
				name := g.Spec.GetTemplate().GetServiceAccount()
				if name != "" && name != "default" && !known[[2]string{g.Namespace, name}] {
					p.Reportf(snapshot.Place(g, "spec.template.serviceAccount"), "namespace %s has no service account %s; create it or correct the name", g.Namespace, name)
				}
			}
			p.Lookedf("%s", finding.Count(len(p.WorkloadGroups), "WorkloadGroup"))
		},
	}
}
