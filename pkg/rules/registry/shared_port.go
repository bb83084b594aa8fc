package registry

import (
	"istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func sharedPort() *rule.Rule {
	return &rule.Rule{
		ID: "SE007", Name: "shared-port-without-address", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: registryParts(snapshot.ProxyConfigs),
		Summary: "A ServiceEntry without addresses has a TCP port, or shares a port with another one of a different protocol.",
		Why:     "Without an address a TCP port takes every connection on it that no other address claims, and of two such ServiceEntries the oldest gets all.",
		Fix:     "Give them addresses, ports of their own, HTTP or TLS, or turn on DNS capture, with which Istio 1.25 and newer gives each an address.",
		Hints:   []string{"E5"}, Equivalents: []string{"IST0133", "IST0134", "KIA1212"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			entries := aged(m)
			s := sharing{Pass: p, ports: map[uint32]map[traffic]*mesh.Audience[addressless]{}}
			for _, e := range entries {
				if known := m.HasAddress(e.ServiceEntry); known != mesh.Yes {
					s.add(addressless{e, known == mesh.Unknown})
				}
			}
			for _, e := range entries {
				if known := m.HasAddress(e.ServiceEntry); known != mesh.Yes {
					s.look(addressless{e, known == mesh.Unknown})
				}
			}
			p.Lookedf("ports of %s", finding.Count(len(entries), "ServiceEntry"))
		},
	}
}

// addressless is a ServiceEntry that proxies know by its port alone.
type addressless struct {
	entry
	// maybe says that Istio may give it an address after all.
	maybe bool
}

// sharing holds them by port and kind of traffic, the oldest first.
type sharing struct {
	*rule.Pass
	ports map[uint32]map[traffic]*mesh.Audience[addressless]
}

func (s sharing) add(e addressless) {
	for _, port := range e.Spec.GetPorts() {
		kinds := s.ports[port.GetNumber()]
		if kinds == nil {
			kinds = map[traffic]*mesh.Audience[addressless]{}
			s.ports[port.GetNumber()] = kinds
		}
		t := trafficOf(port)
		if kinds[t] == nil {
			kinds[t] = &mesh.Audience[addressless]{}
		}
		kinds[t].Add(e.visible, e)
	}
}

// look reports the first port of a ServiceEntry that another one disturbs.
func (s sharing) look(e addressless) {
	for i, port := range e.Spec.GetPorts() {
		var done bool
		switch trafficOf(port) {
		case byPort:
			done = s.against(e, i, port, byPort, finding.Error, "a proxy cannot tell their connections apart, and all go to that one") ||
				s.against(e, i, port, byHost, finding.Warning, "the proxy takes what does not look like HTTP on this port for this one, whatever it is for") ||
				s.against(e, i, port, byName, finding.Warning, "the proxy takes what has none of its names on this port for this one, whatever it is for") ||
				s.alone(e, i, port)
		case byHost:
			done = s.against(e, i, port, byName, finding.Info, "the proxy has to guess the protocol of each connection")
		}
		if done {
			return
		}
	}
}

// against reports a port if another ServiceEntry has it for a kind of traffic.
func (s sharing) against(e addressless, i int, port *v1alpha3.ServicePort, kind traffic, severity finding.Severity, effect string) bool {
	audience := s.ports[port.GetNumber()][kind]
	if audience == nil {
		return false
	}
	other, ok := audience.Meets(e.visible)
	if !ok || other.ServiceEntry == e.ServiceEntry || sameHosts(e.entry, other.entry) {
		return false
	}
	if e.maybe || other.maybe {
		s.unsure()
		return false
	}
	advice := "give them addresses or turn on DNS capture"
	if e.Spec.GetResolution() == v1alpha3.ServiceEntry_NONE {
		advice = "give them addresses" // Istio gives none for NONE
	}
	f := s.Reportf(e.port(i), "port %d (%s) is also that of %s (%s), and neither has addresses: %s; %s", port.GetNumber(), printed(port), other, kind, effect, advice)
	f.Severity = severity
	return true
}

func (s sharing) unsure() {
	s.Undecidedf("whether Istio gives ServiceEntries an address depends on DNS capture, and the mesh config was not seen")
}

// alone reports a port of TCP that no other ServiceEntry has. Resolution NONE,
// where the client's address is kept, is another rule's business.
func (s sharing) alone(e addressless, i int, port *v1alpha3.ServicePort) bool {
	if e.Spec.GetResolution() == v1alpha3.ServiceEntry_NONE || e.visible.None() {
		return false
	}
	if e.maybe {
		s.unsure()
		return false
	}
	s.Reportf(e.port(i), "port %d (%s) without addresses: proxies send every connection on this port to %s that no other address claims; give it addresses or turn on DNS capture",
		port.GetNumber(), printed(port), rule.First(e.Spec.GetHosts())).Severity = finding.Warning
	return true
}

// sameHosts says whether two share their first host, which is another rule's
// business.
func sameHosts(a, b entry) bool {
	return len(a.Spec.GetHosts()) > 0 && len(b.Spec.GetHosts()) > 0 && a.Spec.GetHosts()[0] == b.Spec.GetHosts()[0]
}
