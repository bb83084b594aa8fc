package clusters

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func network() *rule.Rule {
	return about(rule.Rule{
		ID: "MC006", Name: "network-without-gateway", Severity: finding.Warning,
		Summary: "Clusters of a mesh are on different networks, and one has no east-west gateway.",
		Why:     "Without a gateway istiod gives out the addresses of pods as if they could be reached from the other network.",
		Fix:     "Install an east-west gateway with the label topology.istio.io/network, or name one network for both clusters if their pods reach one another.",
	}, func(p *rule.Pass, g *group) {
		for _, m := range g.members {
			own := m.network()
			i := slices.IndexFunc(g.members, func(o *member) bool { return own != "" && o.primary && o.network() != "" && o.network() != own })
			if i < 0 {
				continue
			}
			client := g.members[i]
			there, pending := g.gatewayOf(own)
			if there || slices.Contains(client.Identity.Gateways, own) {
				continue
			}
			lacks := "has no east-west gateway"
			if pending != "" {
				lacks = "has a gateway without an address, " + pending
			}
			p.Reportf(m.root("metadata.labels"), "network %q %s, so proxies of %s on network %q send straight to the addresses of its pods: install one with the label %s=%s on port 15443 or 15008",
				own, lacks, client.name, client.network(), networkLabel, own)
		}
	}, snapshot.Services, snapshot.KubernetesGateways)
}

// gatewayOf says whether any cluster has a gateway to a network; one without an
// address is pending.
func (g *group) gatewayOf(network string) (there bool, pending string) {
	for _, m := range g.members {
		for _, gw := range m.KubernetesGateways {
			if gw.Labels[networkLabel] == network && len(gw.Spec.Addresses)+len(gw.Status.Addresses) > 0 {
				return true, ""
			}
		}
		for _, s := range m.Services {
			if s.Labels[networkLabel] != network || !leadsAcross(s) {
				continue
			}
			if reached(s) {
				return true, ""
			}
			pending = snapshot.KeyOf(s).String() + " in " + m.name
		}
	}
	return false, pending
}

// leadsAcross says whether a Service has a port of an east-west gateway.
func leadsAcross(s *corev1.Service) bool {
	wanted := []int32{15443, 15008}
	if n, err := strconv.ParseInt(s.Labels["networking.istio.io/gatewayPort"], 10, 32); err == nil {
		wanted[0] = int32(n)
	}
	return slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return slices.Contains(wanted, p.Port) })
}

// reached says whether a Service has an address for clients of other networks.
func reached(s *corev1.Service) bool {
	return len(s.Status.LoadBalancer.Ingress)+len(s.Spec.ExternalIPs) > 0 || s.Annotations["traffic.istio.io/nodeSelector"] != ""
}
