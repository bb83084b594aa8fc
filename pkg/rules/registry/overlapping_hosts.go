package registry

import (
	"fmt"
	"strings"

	"istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func overlappingHosts() *rule.Rule {
	return &rule.Rule{
		ID: "SE005", Name: "overlapping-hosts", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(),
		Summary: "The host of a ServiceEntry is covered by the wildcard host of another one, and they treat a common port differently.",
		Why:     "Which of the two a connection meets depends on what the proxy knows of it: the host of a request, the name in TLS, or nothing at all.",
		Fix:     "Make the hosts disjoint, or give both the same protocol, resolution and location.",
		Hints:   []string{"E3"},
		Run: func(p *rule.Pass) {
			entries := aged(mesh.Of(p.Snapshot))
			wild := wildcards(entries)
			for _, e := range entries {
				for i, host := range e.Spec.GetHosts() {
					if why := wild.conflict(e, host); why != "" {
						p.Reportf(e.host(i), "host %s %s; make the hosts disjoint or the settings the same", host, why)
						break
					}
				}
			}
			p.Lookedf("hosts of %s, with %d wildcards", finding.Count(len(entries), "ServiceEntry"), len(wild.known))
		},
	}
}

// wildHosts are the ServiceEntries of wildcards. Those of one wildcard are held
// together by port and by how they treat it, of which there are few kinds.
type wildHosts struct {
	known map[string]*wildHost
	tree  mesh.Hosts[*wildHost]
}

type wildHost struct {
	host  string
	ports map[uint32]map[treatment]*mesh.Audience[entry]
}

// treatment is what is to be the same where hosts overlap.
type treatment struct {
	traffic    traffic
	resolution v1alpha3.ServiceEntry_Resolution
	location   v1alpha3.ServiceEntry_Location
}

func treated(e entry, port *v1alpha3.ServicePort) treatment {
	return treatment{trafficOf(port), e.Spec.GetResolution(), e.Spec.GetLocation()}
}

func (t treatment) String() string {
	return fmt.Sprintf("%s, %s, %s", t.traffic, t.resolution, t.location)
}

func wildcards(entries []entry) *wildHosts {
	w := &wildHosts{known: map[string]*wildHost{}}
	for _, e := range entries {
		for _, host := range e.Spec.GetHosts() {
			if strings.HasPrefix(host, "*") {
				w.at(host).add(e)
			}
		}
	}
	return w
}

func (w *wildHosts) at(host string) *wildHost {
	known := w.known[host]
	if known == nil {
		known = &wildHost{host: host, ports: map[uint32]map[treatment]*mesh.Audience[entry]{}}
		w.known[host] = known
		w.tree.Add(host, known)
	}
	return known
}

func (h *wildHost) add(e entry) {
	for _, port := range e.Spec.GetPorts() {
		kinds := h.ports[port.GetNumber()]
		if kinds == nil {
			kinds = map[treatment]*mesh.Audience[entry]{}
			h.ports[port.GetNumber()] = kinds
		}
		t := treated(e, port)
		if kinds[t] == nil {
			kinds[t] = &mesh.Audience[entry]{}
		}
		kinds[t].Add(e.visible, e)
	}
}

// conflict finds a wider host with other settings, the nearest first.
func (w *wildHosts) conflict(e entry, host string) string {
	covering := w.tree.Covering(host)
	for i := len(covering) - 1; i >= 0; i-- {
		wide := covering[i]
		for _, port := range e.Spec.GetPorts() {
			own := treated(e, port)
			if other, t, ok := wide.differs(e, port.GetNumber(), own); ok {
				return fmt.Sprintf("is covered by %s of %s, and port %d is %s there and %s here", wide.host, other, port.GetNumber(), t, own)
			}
		}
	}
	return ""
}

// differs finds a ServiceEntry of the wildcard that treats a port in another
// way: the oldest, so that the same one is named each time.
func (h *wildHost) differs(e entry, number uint32, own treatment) (other entry, t treatment, found bool) {
	for kind, audience := range h.ports[number] {
		if kind == own || kind.traffic == ignored || own.traffic == ignored {
			continue
		}
		one, ok := audience.Meets(e.visible)
		if ok && (!found || mesh.Older(one.ServiceEntry, other.ServiceEntry) < 0) {
			other, t, found = one, kind, true
		}
	}
	return other, t, found
}
