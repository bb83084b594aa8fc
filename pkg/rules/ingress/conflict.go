package ingress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/protocol"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func conflicting() *rule.Rule {
	return &rule.Rule{
		ID: "GWY005", Name: "conflicting-gateways", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: edges(),
		Summary:     "Two Gateways, or two servers of one, want the same port of a gateway for the same TLS host, or with protocols that do not go together.",
		Why:         "istiod keeps the one that was created first and leaves the other server out, with a line in its log only.",
		Fix:         "Put the hosts into one Gateway, or give the other a host, port or selector of its own.",
		Equivalents: []string{"IST0145", "KIA0301"},
		Run: func(p *rule.Pass) {
			done := map[*networking.Gateway]bool{}
			for _, e := range mesh.Of(p.Snapshot).Different() {
				merge(p, e, done)
			}
			p.Lookedf("%s, none that leaves another out", finding.Count(len(p.Gateways), "Gateway"))
		},
	}
}

// socket is where a server listens.
type socket struct {
	port uint32
	bind string
}

// listeners are what the Gateways of one gateway have taken so far.
type listeners struct {
	plain, tls map[socket]*networking.Gateway
	protocols  map[socket]protocol.Instance
	hosts      map[socket]map[string]holder
}

// holder is the server that a host was given to.
type holder struct {
	gateway *networking.Gateway
	server  *api.Server
}

func merge(p *rule.Pass, e *mesh.Edge, done map[*networking.Gateway]bool) {
	held := listeners{map[socket]*networking.Gateway{}, map[socket]*networking.Gateway{}, map[socket]protocol.Instance{}, map[socket]map[string]holder{}}
	ordered := slices.SortedFunc(slices.Values(e.Gateways), func(a, b *networking.Gateway) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
	for _, g := range ordered {
		for i, s := range g.Spec.GetServers() {
			field, why := held.take(e, g, s)
			if why == "" || done[g] {
				continue
			}
			done[g] = true
			p.Reportf(snapshot.Place(g, fmt.Sprintf("spec.servers[%d].%s", i, field)), "%s, so that one of the two is left out", why)
		}
	}
}

// take adds a server, unless another is in its way.
func (l *listeners) take(e *mesh.Edge, g *networking.Gateway, s *api.Server) (field, why string) {
	at := socket{resolved(e, s.GetPort().GetNumber()), s.GetBind()}
	kind := protocol.Parse(s.GetPort().GetProtocol())
	if !kind.IsTLS() {
		return "port", l.takePlain(g, at, kind)
	}
	if other := l.plain[at]; other != nil && other != g {
		return "port", fmt.Sprintf("port %d is %s here and %s in %s", at.port, kind, l.protocols[at], snapshot.KeyOf(other))
	}
	l.tls[at] = g
	if l.hosts[at] == nil {
		l.hosts[at] = map[string]holder{}
	}
	for _, host := range s.GetHosts() {
		host = served(host, g.Namespace)
		switch other, taken := l.hosts[at][host]; {
		case taken && other.gateway != g:
			return "hosts", fmt.Sprintf("%s serves %s on port %d too", snapshot.KeyOf(other.gateway), host, at.port)
		case taken && other.server != s:
			return "hosts", fmt.Sprintf("another server of this Gateway, %q, serves %s on port %d too", other.server.GetPort().GetName(), host, at.port)
		}
		l.hosts[at][host] = holder{g, s}
	}
	return "", ""
}

// takePlain adds a server without TLS: those for HTTP share a port, those for
// TCP do not.
func (l *listeners) takePlain(g *networking.Gateway, at socket, kind protocol.Instance) string {
	if other := l.tls[at]; other != nil && other != g {
		return fmt.Sprintf("port %d is %s here and for TLS in %s", at.port, kind, snapshot.KeyOf(other))
	}
	if other, before := l.plain[at], l.protocols[at]; other != nil && other != g && (!kind.IsHTTP() || !before.IsHTTP()) {
		return fmt.Sprintf("port %d is %s here and %s in %s", at.port, kind, before, snapshot.KeyOf(other))
	}
	if l.plain[at] == nil {
		l.plain[at], l.protocols[at] = g, kind
	}
	return ""
}

// served is a host as istiod compares it: with the namespace whose routes it
// is for, if there is one.
func served(host, namespace string) string {
	space, name, ok := strings.Cut(host, "/")
	switch {
	case !ok || space == "*":
		return cmp.Or(name, host)
	case space == ".":
		return namespace + "/" + name
	}
	return host
}

// resolved is the port of the pods: of a Service's port what it leads to.
func resolved(e *mesh.Edge, number uint32) uint32 {
	for _, s := range e.Services {
		for _, port := range s.Spec.Ports {
			if uint32(port.Port) != number {
				continue
			}
			if to := target(e, port); to != 0 {
				return to
			}
		}
	}
	return number
}
