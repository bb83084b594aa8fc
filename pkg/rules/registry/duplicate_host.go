package registry

import (
	"fmt"
	"maps"
	"slices"

	"istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func duplicateHost() *rule.Rule {
	return &rule.Rule{
		ID: "SE003", Name: "duplicate-host", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(),
		Summary: "Two ServiceEntries that some namespace sees have the same host.",
		Why:     "In two namespaces only one of them counts for a client, its own or the oldest, and the ports and endpoints of the other are lost; in one namespace their endpoints are mixed.",
		Fix:     "Merge them into one, or export each with exportTo to namespaces of its own.",
		Hints:   []string{"E2"}, Equivalents: []string{"IST0177", "KIA1211", "KIA1212"},
		Run: func(p *rule.Pass) {
			known := map[string]*hostUsers{}
			entries := aged(mesh.Of(p.Snapshot))
			for _, e := range entries {
				reported := false
				seen := map[string]bool{}
				for i, host := range e.Spec.GetHosts() {
					if seen[host] {
						continue
					}
					seen[host] = true
					u := known[host]
					if u == nil {
						u = &hostUsers{ports: map[uint32]*mesh.Audience[portOf]{}, spaces: map[string]*mesh.Audience[entry]{}}
						known[host] = u
					}
					if why := u.conflict(e); why != "" && !reported {
						reported = true
						p.Reportf(e.host(i), "host %s %s; one ServiceEntry should hold a host", host, why)
					}
					u.add(e)
				}
			}
			p.Lookedf("%d hosts of %s", len(known), finding.Count(len(entries), "ServiceEntry"))
		},
	}
}

// hostUsers are the ServiceEntries of one host that came before.
type hostUsers struct {
	ports map[uint32]*mesh.Audience[portOf]
	all   mesh.Audience[entry]
	// spaces are those of each namespace.
	spaces map[string]*mesh.Audience[entry]
}

type portOf struct {
	entry
	port *v1alpha3.ServicePort
}

func (u *hostUsers) add(e entry) {
	u.all.Add(e.visible, e)
	space := u.spaces[e.Namespace]
	if space == nil {
		space = &mesh.Audience[entry]{}
		u.spaces[e.Namespace] = space
	}
	space.Add(e.visible, e)
	for _, port := range e.Spec.GetPorts() {
		a := u.ports[port.GetNumber()]
		if a == nil {
			a = &mesh.Audience[portOf]{}
			u.ports[port.GetNumber()] = a
		}
		a.Add(e.visible, portOf{e, port})
	}
}

// conflict says what a later ServiceEntry of the host does to an earlier one.
func (u *hostUsers) conflict(e entry) string {
	for _, port := range e.Spec.GetPorts() {
		a := u.ports[port.GetNumber()]
		if a == nil {
			continue
		}
		other, ok := a.Meets(e.visible)
		if !ok || other.ServiceEntry == e.ServiceEntry {
			continue
		}
		if trafficOf(port) != trafficOf(other.port) {
			return fmt.Sprintf("and port %d are also those of %s, with %s there and %s here", port.GetNumber(), other.entry, printed(other.port), printed(port))
		}
		return fmt.Sprintf("and port %d are also those of %s", port.GetNumber(), other.entry)
	}
	return u.lost(e)
}

// lost says whether the ports of one of two ServiceEntries get lost, although
// they differ: istiod merges those of one namespace that are alike.
func (u *hostUsers) lost(e entry) string {
	if space := u.spaces[e.Namespace]; space != nil {
		if other, ok := space.Meets(e.visible); ok {
			if other.Spec.GetResolution() == e.Spec.GetResolution() && maps.Equal(other.Labels, e.Labels) && slices.Equal(other.Spec.GetExportTo(), e.Spec.GetExportTo()) {
				return ""
			}
			return fmt.Sprintf("is also that of %s, with another resolution, other labels or another exportTo, so that istiod does not merge their ports", other)
		}
	}
	if other, ok := u.all.Meets(e.visible); ok && other.ServiceEntry != e.ServiceEntry {
		return fmt.Sprintf("is also that of %s in another namespace, and a client gets the ports of one of them", other)
	}
	return ""
}
