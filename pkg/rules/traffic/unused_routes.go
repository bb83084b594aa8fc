package traffic

import (
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	edge "istio.io/istio/pkg/config/gateway"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unusedRoutes() *rule.Rule {
	return &rule.Rule{
		ID: "VS018", Name: "unused-routes", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(snapshot.VirtualServices, snapshot.Gateways, snapshot.DestinationRules),
		Summary: "A VirtualService has routes for another protocol than its hosts or its gateway's servers have.",
		Why:     "HTTP, TLS that is passed through, and TCP have routes of their own, under http, tls and tcp; proxies take no other, so that these do nothing, and a server without any closes connections.",
		Fix:     "Write the routes under the name that the port's protocol has, or correct the protocol of the port or server.",
		Run: func(p *rule.Pass) {
			u := &unused{Pass: p, mesh: mesh.Of(p.Snapshot), gateways: map[string]*servers{}, routed: map[string]*routed{}}
			n := 0
			for _, v := range u.mesh.Routing() {
				list, reported := blocks(v), false
				for _, b := range list {
					n++
					reported = u.judge(v, b) || reported
				}
				if !reported {
					u.take(v, list)
				}
			}
			for name, r := range u.routed {
				u.unrouted(edgesOf(u.mesh).gateways[name], r)
			}
			p.Lookedf("%s of VirtualServices, for protocols that there are", finding.Count(n, "list of routes"))
		},
	}
}

// block is what a VirtualService has under http, tls or tcp.
type block struct {
	name string
	// gateways are those that its rules take; nil for all.
	gateways []string
}

func blocks(v *mesh.VirtualService) []block {
	var out []block
	if v.Delegate() {
		return nil
	}
	add := func(name string, rules int, narrow func(int) leg) {
		if rules == 0 {
			return
		}
		b := block{name: name, gateways: []string{}}
		for i := range rules {
			l := narrow(i)
			if l.gateways == nil {
				b.gateways = nil
				break
			}
			b.gateways = append(b.gateways, l.gateways...)
		}
		out = append(out, b)
	}
	add("http", len(v.Spec.GetHttp()), func(i int) leg { return narrowed(v.Namespace, v.Spec.GetHttp()[i].GetMatch()) })
	add("tls", len(v.Spec.GetTls()), func(i int) leg { return narrowed(v.Namespace, v.Spec.GetTls()[i].GetMatch()) })
	add("tcp", len(v.Spec.GetTcp()), func(i int) leg { return narrowed(v.Namespace, v.Spec.GetTcp()[i].GetMatch()) })
	return out
}

// unused is one run.
type unused struct {
	*rule.Pass
	mesh     *mesh.Mesh
	gateways map[string]*servers
	routed   map[string]*routed
}

// servers are the hosts of a Gateway by the routes that its servers take.
type servers struct {
	all    *offered
	byName map[string]*offered
	offers []offer
}

// routesOf names the routes that a server takes; "" for none, as of
// AUTO_PASSTHROUGH.
func routesOf(s *api.Server) string {
	switch {
	case edge.IsHTTPServer(s):
		return "http"
	case s.GetTls().GetMode() == api.ServerTLSSettings_AUTO_PASSTHROUGH:
		return ""
	case edge.IsPassThroughServer(s):
		return "tls"
	}
	return "tcp"
}

func (u *unused) gateway(name string) *servers {
	if known, ok := u.gateways[name]; ok {
		return known
	}
	var out *servers
	if g := edgesOf(u.mesh).gateways[name]; g != nil {
		out = &servers{all: &offered{}, byName: map[string]*offered{}, offers: offers(g)}
		for _, o := range out.offers {
			kind := routesOf(o.server)
			if out.byName[kind] == nil {
				out.byName[kind] = &offered{}
			}
			out.all.hosts.Add(o.host, o.namespace)
			out.byName[kind].hosts.Add(o.host, o.namespace)
		}
	}
	u.gateways[name] = out
	return out
}

// judge reports routes that nobody takes: neither a gateway nor sidecars.
func (u *unused) judge(v *mesh.VirtualService, b block) (reported bool) {
	outer, inside := "", ""
	for _, g := range v.Gateways {
		if b.gateways != nil && !slices.Contains(b.gateways, g) {
			continue
		}
		used, has := true, ""
		if g == mesh.MeshGateway {
			used, has = u.sidecars(v, b.name)
			inside = has
		} else {
			used, has = u.server(v, g, b.name)
			outer = has
		}
		if used {
			return false
		}
	}
	at := snapshot.Place(v.VirtualService, "spec."+b.name)
	switch {
	case outer != "":
		u.Reportf(at, "the %s routes do nothing: %s", b.name, outer)
	case inside != "":
		u.Reportf(at, "the %s routes do nothing: %s", b.name, inside).Severity = finding.Warning
	}
	return outer != "" || inside != ""
}

// server says whether a Gateway takes routes of a name for the hosts of a
// VirtualService, or that nobody knows, and else what it has instead.
func (u *unused) server(v *mesh.VirtualService, name, routes string) (used bool, has string) {
	s := u.gateway(name)
	if s == nil || !s.all.takesAny(v) || s.byName[routes].takesAny(v) {
		return true, ""
	}
	for _, o := range s.offers {
		one := &offered{}
		if one.hosts.Add(o.host, o.namespace); !one.takesAny(v) {
			continue
		}
		if kind := routesOf(o.server); kind != "" {
			return false, fmt.Sprintf("Gateway %s has %s for these hosts, which takes routes under %s", name, shownServer(o.server), kind)
		}
		return false, fmt.Sprintf("Gateway %s has %s for these hosts, which takes no routes", name, shownServer(o.server))
	}
	return true, ""
}

func (o *offered) takesAny(v *mesh.VirtualService) bool {
	return o != nil && slices.ContainsFunc(v.Hosts, func(h string) bool { return o.takes(h, v.Namespace) })
}

func shownServer(s *api.Server) string {
	text := fmt.Sprintf("port %d with protocol %s", s.GetPort().GetNumber(), strings.ToUpper(s.GetPort().GetProtocol()))
	if s.GetTls() != nil {
		text += " and TLS mode " + s.GetTls().GetMode().String()
	}
	return text
}
