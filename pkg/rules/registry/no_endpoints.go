package registry

import (
	"strings"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noEndpoints() *rule.Rule {
	return &rule.Rule{
		ID: "SE011", Name: "no-endpoints", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(snapshot.VirtualServices, snapshot.HTTPRoutes, snapshot.GRPCRoutes, snapshot.TCPRoutes, snapshot.TLSRoutes),
		Summary: "A ServiceEntry with resolution STATIC has neither endpoints nor a workloadSelector.",
		Why:     "Nothing tells proxies where its host is, so that every request to it gets 503 and every connection is closed.",
		Fix:     "List the addresses under endpoints, or use resolution DNS if the host has an address in DNS.",
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			routed, whole := routedHosts(m), false
			if len(p.ServiceEntries) > 0 {
				whole, _ = p.Has(snapshot.Whole)
			}
			for _, e := range p.ServiceEntries {
				if e.Spec.GetResolution() != api.ServiceEntry_STATIC || len(e.Spec.GetEndpoints()) > 0 || e.Spec.GetWorkloadSelector() != nil || routed.any(m, e) {
					continue
				}
				f := p.Reportf(snapshot.Place(e, "spec.resolution"), "resolution STATIC without endpoints: proxies have nowhere to send what goes to %s; list endpoints, or use resolution DNS", rule.First(e.Spec.GetHosts()))
				if !whole {
					f.Severity = finding.Warning // a route elsewhere may send it on
				}
			}
			p.Lookedf("%s", finding.Count(len(p.ServiceEntries), "ServiceEntry"))
		},
	}
}

// routed is what routes send somewhere else, so that a ServiceEntry only makes
// its host known.
type routed struct {
	hosts mesh.Hosts[bool]
	names map[string]bool // of ServiceEntries, by namespace/name
}

func routedHosts(m *mesh.Mesh) *routed {
	r := &routed{names: map[string]bool{}}
	for _, v := range m.Routing() {
		for _, h := range v.Hosts {
			if v.Mesh() || !strings.HasPrefix(h, "*") {
				r.hosts.Add(h, true)
			}
		}
	}
	for _, o := range m.Routes() {
		r.parents(o.GetNamespace(), o.Parents)
	}
	return r
}

func (r *routed) parents(own string, refs []gateway.ParentReference) {
	for _, ref := range refs {
		if ref.Kind != nil && *ref.Kind == "ServiceEntry" {
			namespace := own
			if ref.Namespace != nil {
				namespace = string(*ref.Namespace)
			}
			r.names[namespace+"/"+string(ref.Name)] = true
		}
	}
}

// any says whether something of a ServiceEntry is sent elsewhere, or a host of
// it has endpoints by another.
func (r *routed) any(m *mesh.Mesh, e *networking.ServiceEntry) bool {
	if r.names[e.Namespace+"/"+e.Name] {
		return true
	}
	for _, host := range e.Spec.GetHosts() {
		if len(r.hosts.Exact(host)) > 0 || len(r.hosts.Narrowest(host)) > 0 || len(m.ServicesOf(host)) > 1 {
			return true
		}
	}
	return false
}
