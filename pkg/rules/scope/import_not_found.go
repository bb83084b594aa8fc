package scope

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func importNotFound() *rule.Rule {
	return &rule.Rule{
		ID: "SDC005", Name: "import-not-found", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars, snapshot.Services, snapshot.ServiceEntries, snapshot.VirtualServices, snapshot.Namespaces},
		Summary: "A Sidecar imports a host that no service or VirtualService has, or from a namespace that does not exist.",
		Why:     "The import does nothing, and workloads do not reach what was meant.",
		Fix:     "Write the full host and the namespace that exports it; * stands for all hosts of a namespace.",
		Hints:   []string{"X4"}, Equivalents: []string{"KIA1004"},
		Run: func(p *rule.Pass) {
			f := newFinder(p)
			for _, s := range p.Sidecars {
				for _, i := range mesh.Imports(s) {
					if i.Excluded || i.All() || i.Own && (i.Host == "*" || s.Namespace == f.Root) {
						continue
					}
					f.look(s, i)
				}
			}
			p.Lookedf("egress hosts of %s", finding.Count(len(p.Sidecars), "Sidecar"))
		},
	}
}

// finder looks for what imports mean.
type finder struct {
	*rule.Pass
	*mesh.Mesh
	// whole is "" where nothing that exists is missing in the picture.
	whole string
	// routes are the VirtualServices by host, routeSpaces by namespace.
	routes      mesh.Hosts[*networking.VirtualService]
	routeSpaces map[string][]*networking.VirtualService
	known       map[[3]string]bool
}

func newFinder(p *rule.Pass) *finder {
	f := &finder{Pass: p, Mesh: mesh.Of(p.Snapshot), routeSpaces: map[string][]*networking.VirtualService{}, known: map[[3]string]bool{}}
	_, f.whole = p.Has(snapshot.Sole)
	alike := map[[2]string]bool{} // what everybody sees is the same for one host and namespace
	for _, vs := range p.VirtualServices {
		all := f.OfVirtualService(vs).All()
		for _, host := range vs.Spec.GetHosts() {
			key := [2]string{f.FQDN(host, vs.Namespace), vs.Namespace}
			if all && alike[key] {
				continue
			}
			alike[key] = alike[key] || all
			f.routes.Add(key[0], vs)
			f.routeSpaces[vs.Namespace] = append(f.routeSpaces[vs.Namespace], vs)
		}
	}
	return f
}

func (f *finder) look(s *networking.Sidecar, i mesh.Import) {
	if f.found(i, s.Namespace) {
		return
	}
	at := snapshot.Place(s, i.Path)
	switch {
	case i.Host != "*" && !strings.ContainsAny(i.Host, ".*"):
		// No other file can make this one right: istiod completes no names here.
		f.Reportf(at, "%s: egress hosts are full names, and %s is none; write %s/%s", i.Text, i.Host, i.Namespace, f.FQDN(i.Host, strings.ReplaceAll(i.Namespace, "*", s.Namespace)))
	case f.whole != "":
		f.Undecidedf("%s", f.whole)
	case i.Host == "*":
		if len(f.Mesh.Namespaces) > 0 && !f.Exists(i.Namespace) {
			f.Reportf(at, "%s: there is no namespace %s", i.Text, i.Namespace)
		}
	default:
		f.Reportf(at, "%s: %s", i.Text, f.why(i, s.Namespace))
	}
}

// why says what is known of a host that is not found.
func (f *finder) why(i mesh.Import, from string) string {
	if others := f.ServicesOf(i.Host); len(others) > 0 {
		other := others[0]
		if i.Namespace == "*" || other.Namespace == i.Namespace {
			return fmt.Sprintf("the host is not exported to namespace %s; add it to exportTo", from)
		}
		return fmt.Sprintf("the host is in namespace %s; write %s/%s", other.Namespace, other.Namespace, i.Host)
	}
	for _, wide := range f.Covering(i.Host) {
		if (i.Namespace == "*" || wide.Namespace == i.Namespace) && f.visible(wide.Visible, from) {
			return fmt.Sprintf("only %s of namespace %s covers the host, and a wildcard is imported as a whole or not at all; write %s/%s", wide.Host, wide.Namespace, i.Namespace, wide.Host)
		}
	}
	return "no service or VirtualService has such a host; correct or remove it"
}

// found says whether something that a namespace sees is imported. What the root
// namespace's Sidecar imports is for all.
func (f *finder) found(i mesh.Import, from string) bool {
	key := [3]string{i.Namespace, i.Host, from}
	known, ok := f.known[key]
	if !ok {
		known = f.service(i, from) || f.route(i, from)
		f.known[key] = known
	}
	return known
}

func (f *finder) visible(v mesh.Visibility, from string) bool {
	return v.In(from) || from == f.Root && !v.None()
}

func (f *finder) service(i mesh.Import, from string) (found bool) {
	if i.Namespace != "*" && strings.HasPrefix(i.Host, "*") {
		for _, s := range f.RegistryOf(i.Namespace) {
			if i.Takes(s.Host, s.Namespace) && f.visible(s.Visible, from) {
				return true
			}
		}
		return false
	}
	f.Matching(i.Host, func(s *mesh.Service) bool {
		found = (i.Namespace == "*" || s.Namespace == i.Namespace) && f.visible(s.Visible, from)
		return !found
	})
	return found
}

func (f *finder) route(i mesh.Import, from string) bool {
	seen := func(vs *networking.VirtualService) bool { return f.visible(f.OfVirtualService(vs), from) }
	if i.Namespace != "*" && strings.HasPrefix(i.Host, "*") {
		for _, vs := range f.routeSpaces[i.Namespace] {
			for _, host := range vs.Spec.GetHosts() {
				if i.Takes(f.FQDN(host, vs.Namespace), vs.Namespace) && seen(vs) {
					return true
				}
			}
		}
		return false
	}
	for _, vs := range slices.Concat(f.routes.Exact(i.Host), f.routes.Covering(i.Host)) {
		if (i.Namespace == "*" || vs.Namespace == i.Namespace) && seen(vs) {
			return true
		}
	}
	found := false
	if strings.HasPrefix(i.Host, "*") {
		f.routes.Under(i.Host, func(vs *networking.VirtualService) bool { found = seen(vs); return !found })
	}
	return found
}
