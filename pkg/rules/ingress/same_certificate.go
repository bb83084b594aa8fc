package ingress

import (
	"cmp"
	"fmt"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/protocol"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func sameCertificate() *rule.Rule {
	return &rule.Rule{
		ID: "GWY002", Name: "same-certificate", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: edges(),
		Summary: "Two servers for HTTPS of one gateway have the same certificate and different hosts.",
		Why:     "Browsers use an HTTP/2 connection for every host that its certificate covers; the gateway knows on it only the hosts of one server and answers 404 to others.",
		Fix:     "List the hosts in one server of one Gateway, or give each a certificate of its own.",
		Hints:   []string{"P2"}, Equivalents: []string{"IST0138"},
		Run: func(p *rule.Pass) {
			done := map[*networking.Gateway]bool{}
			for _, e := range mesh.Of(p.Snapshot).Different() {
				shared(p, e, done)
			}
			p.Lookedf("%s, none with a certificate that another has for other hosts", finding.Count(len(p.Gateways), "Gateway"))
		},
	}
}

// certified is a server and its Gateway.
type certified struct {
	of    *networking.Gateway
	index int
}

func shared(p *rule.Pass, e *mesh.Edge, done map[*networking.Gateway]bool) {
	groups := map[string][]certified{}
	var order []string
	for _, g := range e.Gateways {
		for i, s := range g.Spec.GetServers() {
			key := certificate(s)
			if key == "" {
				continue
			}
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], certified{g, i})
		}
	}
	for _, key := range order {
		first, second := apart(groups[key])
		if second == nil {
			continue
		}
		for _, c := range groups[key] {
			other := first
			if c.hosts() == first.hosts() {
				other = second
			}
			if !done[c.of] {
				done[c.of] = true
				p.Reportf(snapshot.Place(c.of, fmt.Sprintf("spec.servers[%d].tls", c.index)), "%s has the same certificate on the same port for other hosts; browsers that share an HTTP/2 connection get 404: list the hosts in one server", other.name(c))
			}
		}
	}
}

// apart are two servers of a group with different hosts; nil where there are
// none.
func apart(group []certified) (first, second *certified) {
	for i := range group {
		if group[i].hosts() != group[0].hosts() {
			return &group[0], &group[i]
		}
	}
	return nil, nil
}

func (c certified) hosts() string {
	return strings.Join(c.of.Spec.GetServers()[c.index].GetHosts(), " ")
}

// name names a server for what is said about another.
func (c certified) name(to certified) string {
	if c.of == to.of {
		return fmt.Sprintf("server %d of this Gateway", c.index)
	}
	return snapshot.KeyOf(c.of).String()
}

// certificate identifies the port and certificate of a server for HTTPS that
// shows one; "" for others.
func certificate(s *api.Server) string {
	tls := s.GetTls()
	if protocol.Parse(s.GetPort().GetProtocol()) != protocol.HTTPS || tls.GetMode() != api.ServerTLSSettings_SIMPLE && tls.GetMode() != api.ServerTLSSettings_MUTUAL {
		return ""
	}
	name := cmp.Or(tls.GetCredentialName(), tls.GetServerCertificate())
	if name == "" {
		return ""
	}
	return fmt.Sprintf("%d/%s/%s", s.GetPort().GetNumber(), s.GetBind(), name)
}
