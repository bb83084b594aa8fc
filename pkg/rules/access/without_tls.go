package access

import (
	"slices"
	"sync"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func identityWithoutTLS() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ007", Name: "identity-without-tls", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: append(mesh.WorkloadParts(), snapshot.AuthorizationPolicies, snapshot.PeerAuthentications, snapshot.Namespaces, snapshot.DestinationRules),
		Summary:     "A policy asks for principals, namespaces or service accounts of workloads that take no mutual TLS.",
		Why:         "These come from the client's certificate; where a PeerAuthentication says DISABLE, or auto mTLS is off and no DestinationRule turns it on, there is none, and the rule never matches.",
		Fix:         "Make the PeerAuthentication PERMISSIVE or STRICT, turn auto mTLS on, or ask for something else than identities.",
		Equivalents: []string{"KIA0105"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			plain := map[string]*mesh.Peer{} // of namespaces; nil where some pod takes mutual TLS
			sidecars := &guarded{m, map[string]bool{}}
			never := sync.OnceValue(func() bool { return noCertificates(p, m) })
			for _, policy := range p.AuthorizationPolicies {
				i := slices.IndexFunc(allClauses(policy), func(c clause) bool { return c.identity() && !c.negative })
				if i < 0 || len(mesh.Targets(&policy.Spec)) > 0 || policy.Namespace == m.Root {
					continue
				}
				if by := disabled(m, policy, plain); by != nil {
					c := allClauses(policy)[i]
					p.Reportf(snapshot.Place(policy, c.path), "%s come from certificates, and %s has the workloads take none (mtls.mode DISABLE)", c.name, snapshot.KeyOf(by))
				} else if never() && sidecars.only(policy) {
					c := allClauses(policy)[i]
					p.Reportf(snapshot.Place(policy, c.path), "%s come from certificates, and clients show none: auto mTLS is off and no DestinationRule sets ISTIO_MUTUAL", c.name)
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

// noCertificates says whether no client in the mesh shows a certificate: auto
// mTLS is off, no DestinationRule turns mutual TLS on, and ztunnel carries
// nothing.
func noCertificates(p *rule.Pass, m *mesh.Mesh) bool {
	auto := m.Config.GetEnableAutoMtls()
	if !m.Told || auto == nil || auto.GetValue() || slices.ContainsFunc(p.DestinationRules, mutual) {
		return false
	}
	if whole, reason := p.Has(snapshot.Sole); !whole {
		p.Undecidedf("%s", reason)
		return false
	}
	return !slices.ContainsFunc(m.Workloads(), func(w *mesh.Workload) bool { return m.InAmbient(w) != mesh.No })
}

// mutual says whether a DestinationRule has clients show a certificate
// anywhere.
func mutual(r *networking.DestinationRule) bool {
	shows := func(t *api.ClientTLSSettings) bool {
		return t.GetMode() == api.ClientTLSSettings_ISTIO_MUTUAL || t.GetMode() == api.ClientTLSSettings_MUTUAL
	}
	policies := []*api.TrafficPolicy{r.Spec.GetTrafficPolicy()}
	for _, s := range r.Spec.GetSubsets() {
		policies = append(policies, s.GetTrafficPolicy())
	}
	return slices.ContainsFunc(policies, func(t *api.TrafficPolicy) bool {
		return shows(t.GetTls()) || slices.ContainsFunc(t.GetPortLevelSettings(), func(s *api.TrafficPolicy_PortTrafficPolicy) bool { return shows(s.GetTls()) })
	})
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
