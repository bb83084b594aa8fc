package traffic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	gatewayapi "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func gatewayCredential() *rule.Rule {
	return &rule.Rule{
		ID: "DR009", Name: "credential-for-gateways-only", Category: category, Severity: finding.Warning,
		Stages:      analyze(),
		Needs:       workloadParts(snapshot.DestinationRules, snapshot.VirtualServices, snapshot.Gateways, snapshot.HTTPRoutes, snapshot.GRPCRoutes, snapshot.TLSRoutes, snapshot.TCPRoutes, snapshot.Namespaces, snapshot.Whole),
		Summary:     "A DestinationRule without workloadSelector takes the certificates for TLS from a Secret, and no gateway leads to its host.",
		Why:         "Sidecars get no such Secret: istiod leaves the TLS settings out for them, so that they send plain text.",
		Fix:         "Add a workloadSelector for the clients, which may read the Secret then, or name files with caCertificates.",
		Equivalents: []string{"IST0128", "IST0129"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			led, sidecars := ledByGateways(p, m), mayHaveSidecars(m)
			n := 0
			for _, r := range m.Rules() {
				path := secretPath(r)
				if path == "" {
					continue
				}
				n++
				if !goesTo(led, strings.ToLower(r.Host)) && sidecars {
					p.Reportf(snapshot.Place(r.DestinationRule, path), "without workloadSelector credentialName is for gateways, and none leads to %s: sidecars call it in plain text; add a workloadSelector, or use caCertificates", r.Spec.GetHost())
				}
			}
			p.Lookedf("%s with credentialName, all for gateways", finding.Count(n, "DestinationRule"))
		},
	}
}

// secretPath is where a rule for everybody names a Secret; ConfigMaps go to
// sidecars too.
func secretPath(r *mesh.DestinationRule) string {
	if r.Spec.GetWorkloadSelector() != nil {
		return ""
	}
	policies := map[string]*api.TrafficPolicy{"spec.trafficPolicy": r.Spec.GetTrafficPolicy()}
	for i, s := range r.Spec.GetSubsets() {
		policies[fmt.Sprintf("spec.subsets[%d].trafficPolicy", i)] = s.GetTrafficPolicy()
	}
	var found []string
	note := func(path string, tls *api.ClientTLSSettings) {
		originates := tls.GetMode() == api.ClientTLSSettings_SIMPLE || tls.GetMode() == api.ClientTLSSettings_MUTUAL
		if originates && tls.GetCredentialName() != "" && !strings.HasPrefix(tls.GetCredentialName(), "configmap://") {
			found = append(found, path+".tls.credentialName")
		}
	}
	for path, policy := range policies {
		note(path, policy.GetTls())
		for i, port := range policy.GetPortLevelSettings() {
			note(fmt.Sprintf("%s.portLevelSettings[%d]", path, i), port.GetTls())
		}
	}
	slices.Sort(found)
	return slices.Concat(found, []string{""})[0]
}

// ledByGateways are the hosts that routes of gateways, and those of the Gateway
// API, lead to.
func ledByGateways(p *rule.Pass, m *mesh.Mesh) *mesh.Hosts[bool] {
	var out mesh.Hosts[bool]
	add := func(host string) { out.Add(strings.ToLower(host), true) }
	for _, v := range routes(m) {
		if !atGateway(v.VirtualService) {
			continue
		}
		for _, l := range v.legs {
			add(m.FQDN(l.to.GetHost(), v.Namespace))
		}
	}
	backend := func(from string, b gatewayapi.BackendObjectReference) {
		if b.Kind != nil && *b.Kind != "Service" {
			add(string(b.Name)) // of a kind that stands for a host
			return
		}
		add(string(b.Name) + "." + cmp.Or(string(value(b.Namespace)), from) + ".svc." + m.Domain)
	}
	for _, r := range m.Routes() {
		for _, b := range r.Backends {
			backend(r.GetNamespace(), b.BackendObjectReference)
		}
	}
	return &out
}

func value[T any](p *T) (out T) {
	if p != nil {
		out = *p
	}
	return out
}

// atGateway says whether a VirtualService, or one that delegates to it, is bound
// to a gateway.
func atGateway(v *mesh.VirtualService) bool {
	return slices.ContainsFunc(append([]*mesh.VirtualService{v}, v.Roots...), func(one *mesh.VirtualService) bool {
		return slices.ContainsFunc(one.Gateways, func(g string) bool { return g != mesh.MeshGateway })
	})
}

// goesTo says whether the hosts hold one that is called by a name or wildcard.
func goesTo(hosts *mesh.Hosts[bool], host string) bool {
	found := len(hosts.Exact(host)) > 0
	if strings.HasPrefix(host, "*") {
		hosts.Under(host, func(bool) bool {
			found = true
			return false
		})
	}
	return found
}

// mayHaveSidecars says whether some client may have one: in a mesh of waypoints
// those read Secrets.
func mayHaveSidecars(m *mesh.Mesh) bool {
	seen := false
	for _, w := range m.Workloads() {
		if m.IsEdge(w) {
			continue
		}
		seen = true
		if m.HasSidecar(w) != mesh.No {
			return true
		}
	}
	return !seen
}
