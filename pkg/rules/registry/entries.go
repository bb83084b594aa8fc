package registry

import (
	"fmt"
	"slices"
	"strings"

	"istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/protocol"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// registryParts are what the indexes of services rest on.
func registryParts(more ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{snapshot.ServiceEntries, snapshot.Services}, more...)
}

// entry is a ServiceEntry with who sees it.
type entry struct {
	*networking.ServiceEntry
	visible mesh.Visibility
}

// aged are the ServiceEntries, the oldest first.
func aged(m *mesh.Mesh) []entry {
	sorted := slices.Clone(m.ServiceEntries)
	slices.SortFunc(sorted, mesh.Older[*networking.ServiceEntry])
	out := make([]entry, 0, len(sorted))
	for _, e := range sorted {
		out = append(out, entry{e, m.OfServiceEntry(e)})
	}
	return out
}

func (e entry) String() string { return e.Namespace + "/" + e.Name }

// at is a place in the ServiceEntry.
func (e entry) at(format string, args ...any) finding.Location {
	return snapshot.Place(e.ServiceEntry, fmt.Sprintf(format, args...))
}

func (e entry) host(i int) finding.Location { return e.at("spec.hosts[%d]", i) }

func (e entry) port(i int) finding.Location { return e.at("spec.ports[%d].number", i) }

// traffic says how a proxy tells the hosts of a port apart.
type traffic string

const (
	byHost  traffic = "HTTP"
	byName  traffic = "TLS"
	byPort  traffic = "TCP"
	ignored traffic = "" // UDP, of which proxies make nothing
)

func trafficOf(p *v1alpha3.ServicePort) traffic {
	switch parsed := protocol.Parse(p.GetProtocol()); {
	case parsed.IsHTTP():
		return byHost
	case parsed.IsTLS():
		return byName
	case parsed == protocol.UDP:
		return ignored
	}
	return byPort
}

// printed is a port's protocol for messages.
func printed(p *v1alpha3.ServicePort) string {
	if p.GetProtocol() == "" {
		return "no protocol"
	}
	return strings.ToUpper(p.GetProtocol())
}
