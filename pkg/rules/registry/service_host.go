package registry

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func serviceHost() *rule.Rule {
	return &rule.Rule{
		ID: "SE004", Name: "host-of-a-service", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(),
		Summary: "A ServiceEntry has the host of a Kubernetes Service.",
		Why:     "In the Service's namespace it does nothing; in another one it takes the Service's place for the clients there, and which of the two others see has changed in Istio 1.24 and 1.30.",
		Fix:     "Give it another host, or delete one of the two.",
		Hints:   []string{"E2"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, e := range aged(m) {
				for i, host := range e.Spec.GetHosts() {
					if s := taken(m, e, host); s != nil {
						effect := "the Service wins, and this does nothing"
						if s.Namespace != e.Namespace {
							effect = "clients in namespace " + e.Namespace + " get this one instead of the Service"
						}
						p.Reportf(e.host(i), "host %s is that of Service %s/%s: %s; use another host", host, s.Namespace, s.Kubernetes.Name, effect)
						break
					}
				}
			}
			p.Lookedf("%s, none with the host of a Service", finding.Count(len(p.ServiceEntries), "ServiceEntry"))
		},
	}
}

// taken is the Kubernetes Service that has the host of a ServiceEntry.
func taken(m *mesh.Mesh, e entry, host string) *mesh.Service {
	if _, _, ok := m.Split(host); !ok {
		return nil
	}
	// Services come first, and no two have one host.
	if all := m.ServicesOf(host); len(all) > 0 && all[0].Kubernetes != nil && all[0].Visible.Overlaps(e.visible) {
		return all[0]
	}
	return nil
}
