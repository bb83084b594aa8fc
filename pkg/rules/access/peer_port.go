package access

import (
	"fmt"
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func peerPort() *rule.Rule {
	return &rule.Rule{
		ID: "SEC010", Name: "peer-port", Category: transit, Severity: finding.Warning,
		Stages: analyze(), Needs: portParts(snapshot.PeerAuthentications),
		Summary: "A PeerAuthentication sets a mode for the port of a Service, and the workload behind it has another.",
		Why:     "portLevelMtls is about ports of workloads, which are the targetPorts of Services, so that the mode of the whole workload holds instead.",
		Fix:     "Write the port that the container listens on.",
		Run: func(p *rule.Pass) {
			x := newServicePorts(p)
			for _, policy := range p.PeerAuthentications {
				for port := range portModes(x.mesh, policy) {
					x.ask(policy.Namespace, policy.Spec.GetSelector().GetMatchLabels(), int(port))
				}
			}
			x.look()
			for _, policy := range p.PeerAuthentications {
				modes := portModes(x.mesh, policy)
				for _, port := range slices.Sorted(maps.Keys(modes)) {
					l := x.lead(policy.Namespace, policy.Spec.GetSelector().GetMatchLabels(), int(port))
					if l == nil || modes[uint32(l.to)] {
						continue
					}
					p.Reportf(snapshot.Place(policy, fmt.Sprintf("spec.portLevelMtls.%d", port)), "%d is a port of a Service only: %s, and portLevelMtls is about that one, so that the mode for %d does nothing; write %d", port, l, port, l.to)
				}
			}
			p.Lookedf("%s, none with a mode for ports that only Services have", finding.Count(len(p.PeerAuthentications), "PeerAuthentication"))
		},
	}
}

// portModes are the ports that a PeerAuthentication sets modes for. Without a
// selector, or in the root namespace, istiod does not look at them.
func portModes(m *mesh.Mesh, policy *mesh.Peer) map[uint32]bool {
	out := map[uint32]bool{}
	if len(policy.Spec.GetSelector().GetMatchLabels()) == 0 || policy.Namespace == m.Root {
		return out
	}
	for port := range policy.Spec.GetPortLevelMtls() {
		out[port] = true
	}
	return out
}
