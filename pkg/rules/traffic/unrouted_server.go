package traffic

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// bound are the VirtualServices of a Gateway by their hosts.
type bound struct {
	hosts mesh.Hosts[*mesh.VirtualService]
}

// routed are those of a Gateway that have routes under a name, and all whose
// routes some of its servers take.
type routed struct {
	all    bound
	byName map[string]*bound
}

// take files a VirtualService under the Gateways that it is bound to. One that
// is reported for its own routes is left out.
func (u *unused) take(v *mesh.VirtualService, list []block) {
	for _, g := range v.Gateways {
		if g == mesh.MeshGateway || u.gateway(g) == nil {
			continue
		}
		r := u.routed[g]
		if r == nil {
			r = &routed{byName: map[string]*bound{}}
			u.routed[g] = r
		}
		r.all.add(v)
		for _, b := range list {
			if b.gateways != nil && !slices.Contains(b.gateways, g) {
				continue
			}
			if r.byName[b.name] == nil {
				r.byName[b.name] = &bound{}
			}
			r.byName[b.name].add(v)
		}
	}
}

func (b *bound) add(v *mesh.VirtualService) {
	for _, host := range v.Hosts {
		b.hosts.Add(host, v)
	}
}

// first is a VirtualService that meets a host of a server; nil where none does.
func (b *bound) first(o offer) (found *mesh.VirtualService) {
	if b == nil {
		return nil
	}
	b.hosts.Meeting(o.host, func(v *mesh.VirtualService) bool {
		if o.namespace == "*" || o.namespace == v.Namespace {
			found = v
		}
		return found == nil
	})
	return found
}

// unrouted reports the servers of a Gateway for TLS that is passed through and
// for TCP to which no VirtualService leads, although there are some for their
// hosts.
func (u *unused) unrouted(g *networking.Gateway, r *routed) {
	for i, s := range g.Spec.GetServers() {
		kind := routesOf(s)
		if kind == "" || kind == "http" {
			continue
		}
		var other *mesh.VirtualService
		served := false
		for _, o := range offersOf(g, s) {
			served = served || r.byName[kind].first(o) != nil
			if other == nil {
				other = r.all.first(o)
			}
		}
		if served || other == nil {
			continue
		}
		if whole, reason := u.Has(snapshot.Whole); !whole {
			u.Undecidedf("%s", reason)
			return
		}
		u.Reportf(snapshot.Place(g, fmt.Sprintf("spec.servers[%d].port", i)), "%s takes routes under %s, and no VirtualService has any for its hosts, %s/%s only %s: connections are closed there%s",
			shownServer(s), kind, other.Namespace, other.Name, named(blocks(other)), ending(kind))
	}
}

func named(list []block) string {
	var names []string
	for _, b := range list {
		names = append(names, b.name)
	}
	return strings.Join(names, " and ")
}

// ending says how requests get to the routes that there are.
func ending(kind string) string {
	if kind == "tls" {
		return "; add tls routes with sniHosts, or end TLS at the gateway with mode SIMPLE"
	}
	return ""
}
