package traffic

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func onlyForSidecars() *rule.Rule {
	return &rule.Rule{
		ID: "VS015", Name: "routes-for-sidecars-only", Category: category, Severity: finding.Info,
		Stages:  analyze(),
		Needs:   registryParts(workloadParts(snapshot.VirtualServices, snapshot.DestinationRules)...),
		Summary: "A gateway leads to a host without a subset, and the VirtualService that splits the host into subsets holds for sidecars only.",
		Why:     "A gateway takes the routes that are bound to it and looks for no second VirtualService, so that its requests go to all pods of the host.",
		Fix:     "Write the subset into the route of the gateway too, or let both delegate to one VirtualService.", Equivalents: []string{"IST0140"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			hosts, n := splitHosts(m), 0
			for _, v := range routes(m) {
				for _, l := range v.legs {
					if !l.http || strings.Contains(l.place, "mirror") || l.to.GetSubset() != "" || !leadsFromGateway(v.VirtualService, l) {
						continue
					}
					n++
					host := strings.ToLower(m.FQDN(l.to.GetHost(), v.Namespace))
					if other := hosts[host]; other != nil && other.VirtualService != v.VirtualService && !allIn(m, host, other.subsets) {
						p.Reportf(snapshot.Place(v.VirtualService, l.path()), "requests of the gateway go to all pods of %s: VirtualService %s/%s, which sends them to subsets, holds for sidecars only; write the subset here too", l.to.GetHost(), other.Namespace, other.Name)
						break
					}
				}
			}
			p.Lookedf("%s of gateways, none past the routes of sidecars", finding.Count(n, "destination"))
		},
	}
}

// leadsFromGateway says whether a gateway uses a rule.
func leadsFromGateway(v *mesh.VirtualService, l leg) bool {
	for _, one := range append([]*mesh.VirtualService{v}, v.Roots...) {
		for _, g := range one.Gateways {
			if g != mesh.MeshGateway && l.takes(g) {
				return true
			}
		}
	}
	return false
}

// intoSubsets is a VirtualService with the subsets that it sends requests to.
type intoSubsets struct {
	*mesh.VirtualService
	subsets []string
}

// splitHosts are the hosts that a VirtualService for sidecars, the oldest one,
// splits into subsets.
func splitHosts(m *mesh.Mesh) map[string]*intoSubsets {
	out := map[string]*intoSubsets{}
	for _, v := range routes(m) {
		if !v.Mesh() {
			continue
		}
		for _, l := range v.legs {
			host := strings.ToLower(m.FQDN(l.to.GetHost(), v.Namespace))
			if !toSubset(l) || !l.takes(mesh.MeshGateway) || !slices.Contains(v.Hosts, host) {
				continue
			}
			if out[host] == nil {
				out[host] = &intoSubsets{VirtualService: v.VirtualService}
			}
			if out[host].VirtualService == v.VirtualService {
				out[host].subsets = append(out[host].subsets, l.to.GetSubset())
			}
		}
	}
	return out
}

// toSubset says whether requests, not copies of them, go to a subset.
func toSubset(l leg) bool {
	return l.http && l.to.GetSubset() != "" && !strings.Contains(l.place, "mirror")
}

// maxPods is how many workloads of a service are looked at.
const maxPods = 20

// allIn says whether there is one subset, and every workload of the service is
// seen to be in it.
func allIn(m *mesh.Mesh, host string, subsets []string) bool {
	if len(slices.Compact(slices.Sorted(slices.Values(subsets)))) != 1 {
		return false
	}
	var pods []*mesh.Workload
	for _, s := range m.ServicesOf(host) {
		if s.Kubernetes != nil && len(s.Kubernetes.Spec.Selector) > 0 {
			pods = append(pods, m.First(s.Namespace, s.Kubernetes.Spec.Selector, maxPods)...)
		}
	}
	if len(pods) == 0 || len(pods) >= maxPods {
		return false
	}
	for _, r := range m.RulesOf(host) {
		for _, s := range r.Spec.GetSubsets() {
			outside := func(w *mesh.Workload) bool { return !mesh.Has(w.Labels, s.GetLabels()) }
			if s.GetName() == subsets[0] && !slices.ContainsFunc(pods, outside) {
				return true
			}
		}
	}
	return false
}
