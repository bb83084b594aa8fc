package traffic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func matchPort() *rule.Rule {
	return &rule.Rule{
		ID: "VS019", Name: "match-port", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(snapshot.VirtualServices, snapshot.Gateways, snapshot.Sidecars),
		Summary: "A match of a VirtualService asks for a port at which nothing comes in for its hosts.",
		Why:     "port is that of the Gateway's server, or for sidecars that of the host, by which clients call it, and not the port of the destination; the match never applies for any other.",
		Fix:     "Write the port at which requests come in, or leave it out.",
		Run: func(p *rule.Pass) {
			x := &matchPorts{Pass: p, mesh: mesh.Of(p.Snapshot), caught: map[int]bool{}, gateways: map[string]map[string]*mesh.Hosts[offer]{}}
			for _, s := range p.Sidecars {
				for _, out := range s.Spec.GetEgress() {
					x.caught[int(out.GetPort().GetNumber())] = true
				}
			}
			n := 0
			for _, v := range x.mesh.Routing() {
				for i, r := range v.Spec.GetHttp() {
					n += matches(x, v, "http", i, r.GetMatch())
				}
				for i, r := range v.Spec.GetTls() {
					n += matches(x, v, "tls", i, r.GetMatch())
				}
				for i, r := range v.Spec.GetTcp() {
					n += matches(x, v, "tcp", i, r.GetMatch())
				}
			}
			p.Lookedf("%s with ports, at which something comes in", finding.Count(n, "match"))
		},
	}
}

// matchPorts is one run.
type matchPorts struct {
	*rule.Pass
	mesh   *mesh.Mesh
	caught map[int]bool // ports that Sidecars have proxies listen on for clients
	// gateways are what their servers offer, by the routes that they take.
	gateways map[string]map[string]*mesh.Hosts[offer]
}

// matches looks at those of a rule that ask for a port, and counts them.
func matches[T narrowing](x *matchPorts, v *mesh.VirtualService, kind string, rule int, list []T) int {
	n := 0
	for j, m := range list {
		port := int(m.GetPort())
		if port == 0 {
			continue
		}
		n++
		one := narrowed(v.Namespace, list[j:j+1])
		if in, sure := x.ports(v, kind, one); sure && len(in) > 0 && !slices.Contains(in, port) && !x.elsewhere(v, kind, one) {
			x.Reportf(snapshot.Place(v.VirtualService, fmt.Sprintf("spec.%s[%d].match[%d].port", kind, rule, j)),
				"nothing comes in at port %d for this match, but at %s: it never applies%s", port, numbers(in), x.meant(v, one, port))
		}
	}
	return n
}

// ports are those at which requests or connections come in for the hosts of a
// VirtualService, or of those that delegate to it, as far as a match narrows
// them. sure is false where some are not known.
func (x *matchPorts) ports(v *mesh.VirtualService, kind string, one leg) (in []int, sure bool) {
	roots := v.Roots
	if !v.Delegate() {
		roots = []*mesh.VirtualService{v}
	}
	for _, root := range roots {
		for _, g := range root.Gateways {
			if !one.takes(g) {
				continue
			}
			found, ok := x.at(root, g, kind)
			if !ok {
				return nil, false
			}
			in = append(in, found...)
		}
	}
	return sorted(in), true
}

// at are the ports of one gateway, or with MeshGateway of sidecars.
func (x *matchPorts) at(v *mesh.VirtualService, gateway, kind string) (in []int, sure bool) {
	if gateway != mesh.MeshGateway {
		if edgesOf(x.mesh).gateways[gateway] == nil {
			return nil, false
		}
		return x.served(v, gateway, kind), true
	}
	for _, host := range v.Hosts {
		ports := portsOf(x.mesh, host)
		if strings.HasPrefix(host, "*") || len(ports) == 0 {
			return nil, false
		}
		in = append(in, ports...)
	}
	return in, true
}

// served are the ports of a Gateway's servers for the hosts of a VirtualService
// that take its routes.
func (x *matchPorts) served(v *mesh.VirtualService, gateway, kind string) (in []int) {
	offered := x.offered(gateway)[kind]
	if offered == nil {
		return nil
	}
	for _, host := range v.Hosts {
		offered.Meeting(host, func(o offer) bool {
			if o.namespace == "*" || o.namespace == v.Namespace {
				in = append(in, int(o.server.GetPort().GetNumber()))
			}
			return true
		})
	}
	return in
}

func (x *matchPorts) offered(gateway string) map[string]*mesh.Hosts[offer] {
	out, ok := x.gateways[gateway]
	if !ok {
		out = map[string]*mesh.Hosts[offer]{}
		for _, o := range offers(edgesOf(x.mesh).gateways[gateway]) {
			kind := routesOf(o.server)
			if out[kind] == nil {
				out[kind] = &mesh.Hosts[offer]{}
			}
			out[kind].Add(o.host, o)
		}
		x.gateways[gateway] = out
	}
	return out
}

// elsewhere says whether sidecars may take a port that the hosts do not have:
// one that a Sidecar names, or 80 for HTTP, where istiod knows every host of a
// VirtualService.
func (x *matchPorts) elsewhere(v *mesh.VirtualService, kind string, one leg) bool {
	inside := v.Mesh() || slices.ContainsFunc(v.Roots, (*mesh.VirtualService).Mesh)
	port := one.ports[0]
	return inside && one.takes(mesh.MeshGateway) && (x.caught[port] || kind == "http" && port == 80)
}

// meant says which port of a host leads to the one that is written.
func (x *matchPorts) meant(v *mesh.VirtualService, one leg, port int) string {
	if !v.Mesh() || !one.takes(mesh.MeshGateway) {
		return ""
	}
	for _, host := range v.Hosts {
		if from := leading(x.mesh, host, port); from != 0 {
			return fmt.Sprintf("; %d is the targetPort of %d, so write %d", port, from, from)
		}
	}
	return ""
}
