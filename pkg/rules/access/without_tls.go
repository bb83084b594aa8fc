package access

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func identityWithoutTLS() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ007", Name: "identity-without-tls", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: append(mesh.WorkloadParts(), snapshot.AuthorizationPolicies, snapshot.PeerAuthentications, snapshot.Namespaces),
		Summary:     "A policy asks for principals, namespaces or service accounts of workloads that take no mutual TLS.",
		Why:         "These come from the client's certificate; where a PeerAuthentication says DISABLE there is none, and the rule never matches.",
		Fix:         "Make the PeerAuthentication PERMISSIVE or STRICT, or ask for something else than identities.",
		Equivalents: []string{"KIA0105"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			plain := map[string]*mesh.Peer{} // of namespaces; nil where some pod takes mutual TLS
			for _, policy := range p.AuthorizationPolicies {
				i := slices.IndexFunc(allClauses(policy), func(c clause) bool { return c.identity() && !c.negative })
				if i < 0 || len(mesh.Targets(&policy.Spec)) > 0 || policy.Namespace == m.Root {
					continue
				}
				if by := disabled(m, policy, plain); by != nil {
					c := allClauses(policy)[i]
					p.Reportf(snapshot.Place(policy, c.path), "%s come from certificates, and %s has the workloads take none (mtls.mode DISABLE)", c.name, snapshot.KeyOf(by))
				}
			}
			p.Lookedf("%s, none about identities where mutual TLS is off", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// disabled is what turns mutual TLS off for every workload of a policy; nil
// where nothing does, or no workload is seen. Ambient mode knows no off.
func disabled(m *mesh.Mesh, policy *mesh.Authorization, plain map[string]*mesh.Peer) *mesh.Peer {
	wanted := policy.Spec.GetSelector().GetMatchLabels()
	if len(wanted) > 0 {
		return offFor(m, m.Select(policy.Namespace, wanted))
	}
	by, known := plain[policy.Namespace]
	if !known {
		by = offFor(m, m.WorkloadsOf(policy.Namespace))
		plain[policy.Namespace] = by
	}
	return by
}

func offFor(m *mesh.Mesh, workloads []*mesh.Workload) (off *mesh.Peer) {
	for _, w := range workloads {
		if m.HasSidecar(w) == mesh.No {
			continue
		}
		mode, by := m.PeerMode(w, 0)
		if mode != mesh.Disabled || m.InAmbient(w) == mesh.Yes {
			return nil
		}
		off = by
	}
	return off
}
