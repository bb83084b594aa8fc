package traffic

import (
	"maps"
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// client is who takes a rule of a VirtualService: the proxies of a namespace.
// Where nobody knows of which, it is one of several.
type client struct {
	name   string
	oneOf  []string
	others bool // those of namespaces that nothing names
}

// clients lists who takes a leg of a VirtualService.
func clients(m *mesh.Mesh, v *mesh.VirtualService, l leg) []client {
	if v.Delegate() {
		var out []client
		for _, root := range v.Roots {
			out = append(out, clients(m, root, l)...)
		}
		return out
	}
	var out []client
	for _, g := range v.Gateways {
		switch {
		case !l.takes(g):
		case g == mesh.MeshGateway:
			out = append(out, sidecars(v, l)...)
		default:
			out = append(out, client{name: "Gateway " + g, oneOf: proxiesOf(m, g)})
		}
	}
	return out
}

// sidecars are those of the namespaces that see the VirtualService.
func sidecars(v *mesh.VirtualService, l leg) []client {
	spaces := v.Visible.Namespaces()
	if v.Visible.All() {
		spaces = []string{v.Namespace, ""}
	}
	if l.sources != nil {
		spaces = nil
		for _, s := range l.sources {
			if v.Visible.In(s) && !slices.Contains(spaces, s) {
				spaces = append(spaces, s)
			}
		}
	}
	var out []client
	for _, s := range spaces {
		name := "sidecars in namespace " + s
		if s == "" {
			name = "sidecars in namespaces other than " + v.Namespace
		}
		out = append(out, client{name: name, oneOf: []string{s}, others: s == ""})
	}
	return out
}

// proxiesOf are the namespaces in which the proxies of a Gateway may be.
func proxiesOf(m *mesh.Mesh, gateway string) []string {
	e := edgesOf(m)
	g := e.gateways[gateway]
	if g == nil {
		return []string{"", m.Root}
	}
	if spaces := e.spaces[labels.Set(g.Spec.GetSelector()).String()]; len(spaces) > 0 {
		return spaces
	}
	return []string{g.Namespace, m.Root, ""}
}

// edges are the Gateways by name, and the namespaces of the workloads that
// their selectors choose.
type edges struct {
	gateways  map[string]*networking.Gateway
	spaces    map[string][]string
	workloads map[string][]*mesh.Workload
}

func edgesOf(m *mesh.Mesh) *edges {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *edges { return newEdges(m) })
}

func newEdges(m *mesh.Mesh) *edges {
	e := &edges{gateways: map[string]*networking.Gateway{}, spaces: map[string][]string{}, workloads: map[string][]*mesh.Workload{}}
	byPair := map[[2]string][]map[string]string{} // selectors by their first label
	known := map[string]bool{}
	for _, g := range m.Gateways {
		e.gateways[g.Namespace+"/"+g.Name] = g
		selector := g.Spec.GetSelector()
		if key := labels.Set(selector).String(); !known[key] && len(selector) > 0 {
			known[key] = true
			first := slices.Sorted(maps.Keys(selector))[0]
			pair := [2]string{first, selector[first]}
			byPair[pair] = append(byPair[pair], selector)
		}
	}
	for _, w := range m.Workloads() {
		for k, v := range w.Labels {
			for _, selector := range byPair[[2]string{k, v}] {
				if mesh.Has(w.Labels, selector) {
					e.add(labels.Set(selector).String(), w)
				}
			}
		}
	}
	return e
}

func (e *edges) add(selector string, w *mesh.Workload) {
	e.workloads[selector] = append(e.workloads[selector], w)
	if !slices.Contains(e.spaces[selector], w.Namespace()) {
		e.spaces[selector] = append(e.spaces[selector], w.Namespace())
	}
}
