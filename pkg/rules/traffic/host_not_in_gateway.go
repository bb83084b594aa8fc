package traffic

import (
	"fmt"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func gatewayHost() *rule.Rule {
	return &rule.Rule{
		ID: "VS013", Name: "host-not-in-gateway", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices, snapshot.Gateways},
		Summary: "A host of a VirtualService is in no server of the Gateway that it is bound to.",
		Why:     "The gateway takes only hosts of its servers, and of those only from the namespaces that they name, so requests for the host get 404.",
		Fix:     "Add the host to a server of the Gateway, or bind the VirtualService to the right one.", Equivalents: []string{"IST0132"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			n, there := 0, serversOf(m)
			for _, v := range m.Routing() {
				n += served(p, v, there)
			}
			p.Lookedf("%s to gateways, all for hosts of theirs", finding.Count(n, "binding"))
		},
	}
}

// offered are the hosts that servers of a Gateway take, each with the
// namespaces of VirtualServices that it is for: "*" for all.
type offered struct{ hosts mesh.Hosts[string] }

type offer struct {
	namespace, host string
	server          *api.Server
}

func serversOf(m *mesh.Mesh) map[string]*offered {
	out := map[string]*offered{}
	for full, g := range edgesOf(m).gateways {
		o := &offered{}
		for _, one := range offers(g) {
			o.hosts.Add(one.host, one.namespace)
		}
		out[full] = o
	}
	return out
}

func offers(g *networking.Gateway) []offer {
	var out []offer
	for _, s := range g.Spec.GetServers() {
		out = append(out, offersOf(g, s)...)
	}
	return out
}

// offersOf are those of one server.
func offersOf(g *networking.Gateway, s *api.Server) []offer {
	var out []offer
	for _, h := range s.GetHosts() {
		namespace, name, ok := strings.Cut(h, "/")
		switch {
		case !ok:
			namespace, name = "*", h
		case namespace == ".":
			namespace = g.Namespace
		}
		out = append(out, offer{namespace, strings.ToLower(name), s})
	}
	return out
}

// takes says whether a host of a VirtualService meets one of the Gateway's: it
// is the same, or one is a wildcard over the other.
func (o *offered) takes(name, namespace string) bool {
	taken := false
	o.hosts.Meeting(name, func(in string) bool {
		taken = in == "*" || in == namespace
		return !taken
	})
	return taken
}

// served looks at the hosts of one VirtualService. One that is bound to several
// gateways may be for a host of each, so that a host is reported that none of
// them takes, and a gateway that takes none.
func served(p *rule.Pass, v *mesh.VirtualService, there map[string]*offered) int {
	bound, unknown := 0, v.Mesh()
	taken := map[string]bool{}
	for i, g := range v.Gateways {
		o := there[g]
		if o == nil {
			unknown = true
			continue
		}
		bound++
		some := false
		for _, h := range v.Hosts {
			if o.takes(h, v.Namespace) {
				taken[h], some = true, true
			}
		}
		if !some {
			p.Reportf(snapshot.Place(v.VirtualService, fmt.Sprintf("spec.gateways[%d]", i)), "no server of Gateway %s takes %s from namespace %s: requests get 404 there", g, strings.Join(v.Spec.GetHosts(), ", "), v.Namespace)
		}
	}
	if unknown || bound == 0 || len(taken) == 0 {
		return bound
	}
	for i, h := range v.Hosts {
		if !taken[h] {
			p.Reportf(snapshot.Place(v.VirtualService, hostPath(i)), "no server of %s takes %s from namespace %s: requests get 404", gatewayList(v.Gateways), v.Spec.GetHosts()[i], v.Namespace)
		}
	}
	return bound
}

func gatewayList(names []string) string {
	if len(names) == 1 {
		return "Gateway " + names[0]
	}
	return "Gateways " + rule.Some(names)
}
