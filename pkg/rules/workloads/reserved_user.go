package workloads

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

// proxyID is the user and the group that the sidecar runs as.
const proxyID = 1337

func reservedUser() *rule.Rule {
	return &rule.Rule{
		ID: "APP001", Name: "reserved-user", Category: requirements, Severity: finding.Error,
		Stages: analyze(), Needs: pods(),
		Summary: "A container beside a sidecar runs as user or group 1337, which is the proxy's.",
		Why:     "What that user or group sends is taken for the proxy's own traffic and leaves the pod without passing it: no mTLS, no routes, no policies.",
		Fix:     "Run the container as another user and group.",
		Hints:   []string{"S9"}, Equivalents: []string{"IST0144"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			if p.Target.Platform == "openshift" {
				p.Lookedf("on OpenShift the proxy runs as a user of the namespace's own range")
				return
			}
			for _, w := range applications(m) {
				if !maybe(m, w) {
					continue
				}
				looked++
				for _, c := range w.AppContainers() {
					if what, path := proxyIdentity(w, c); path != "" {
						p.Reportf(w.At(path), "container %s runs as %s %d, which is the proxy's, so what it sends bypasses the sidecar; choose another one", c.Name, what, proxyID)
						break
					}
				}
			}
			p.Lookedf("%s that may have a sidecar", finding.Count(looked, "workload"))
		},
	}
}

// proxyIdentity says as what a container runs that is the proxy's. Containers
// that end before the proxy starts may, to reach the network.
func proxyIdentity(w *mesh.Workload, c mesh.Container) (what, path string) {
	if c.Init {
		return "", ""
	}
	if id, path := user(w, c); id != nil && *id == proxyID {
		return "user", path
	}
	if id, path := group(w, c); id != nil && *id == proxyID {
		return "group", path
	}
	return "", ""
}
