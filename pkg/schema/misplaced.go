package schema

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// misplaced says where a field with that name belongs, in the cases that
// people meet most: values at the top of the spec, mesh config among the
// globals, proxy settings beside defaultConfig instead of inside it, and
// settings of a component without the prefix that they need. It is the only
// place where no other would take the value.
func misplaced(f *document.Value, s facts.Surface, istio facts.Minor) (path string, only bool) {
	for _, home := range homes(f, s) {
		n, ok := lookup(home.surface, istio, home.path...)
		switch {
		case !ok || stranger(f, n, istio):
		case path == "":
			path, only = home.name, fits(f, n, home.surface, istio) && f.Name() != "logLevel" // several components have one
		default:
			only = false
		}
	}
	return path, only
}

// stranger says that a place has none of the fields of a map, so that it is
// another thing with the same name.
func stranger(f *document.Value, n *node, istio facts.Minor) bool {
	n = n.whole()
	return f.Kind == document.Map && len(f.Fields()) > 0 && n.shape == object && !n.custom &&
		!slices.ContainsFunc(f.Fields(), func(inner *document.Value) bool {
			c, ok := n.child(inner.Name())
			return ok && status(c, istio) == alive
		})
}

// fits says that a value is right in a place as it is.
func fits(f *document.Value, n *node, s facts.Surface, istio facts.Minor) bool {
	c := checker{istio: istio}
	c.visit(f, n, s)
	return !slices.ContainsFunc(c.issues, func(i Issue) bool {
		return i.Class == Unknown || i.Class == Removed || i.Class == WrongType || i.Class == HelmOnly
	})
}

// umbrella says that a key at the root of a chart's values is the chart's own
// name, as a chart that depends on it writes it.
func umbrella(f *document.Value, s facts.Surface) bool {
	return s == facts.Chart(f.Name()) && f.Path() == f.Name() && f.Kind == document.Map && len(f.Fields()) > 0
}

// home is a place where a misplaced field may belong.
type home struct {
	surface facts.Surface
	path    []string
	name    string
}

func homes(f *document.Value, s facts.Surface) []home {
	name := f.Name()
	switch {
	case s == facts.Spec:
		return append(specHomes(f), meshHomes("spec.meshConfig.", name)...)
	case s == facts.Values:
		return append(valueHomes(f), meshHomes("spec.meshConfig.", name)...)
	case s == facts.MeshConfig:
		return meshHomesWithin(f)
	case s == facts.Chart("istiod"):
		return append(chartHomes(f, s), meshHomes("meshConfig.", name)...)
	}
	return chartHomes(f, s)
}

// specHomes are for an unknown field of the spec: those of a component's
// Kubernetes settings, and the values.
func specHomes(f *document.Value) []home {
	name := f.Name()
	if component, inside := strings.CutPrefix(f.Path(), "spec.components."); inside {
		path, _, _ := strings.Cut(component, ".")
		parent := strings.TrimSuffix(f.Path(), "."+name)
		if component == "istiod" {
			return []home{{facts.Spec, []string{"components", "pilot"}, "spec.components.pilot"}}
		}
		return []home{
			{facts.Spec, []string{"components", "pilot", "k8s", name}, parent + ".k8s." + name},
			{facts.Values, []string{path, name}, belowValues + path + "." + name},
			{facts.Values, []string{"global", name}, belowValues + "global." + name},
		}
	}
	if strings.Count(f.Path(), ".") != 1 {
		return nil
	}
	return []home{
		{facts.Values, []string{name}, belowValues + name},
		{facts.Values, []string{"global", name}, belowValues + "global." + name},
		{facts.Spec, []string{"components", name}, "spec.components." + name},
		{facts.Values, []string{"pilot", name}, belowValues + "pilot." + name},
	}
}

func valueHomes(f *document.Value) []home {
	name := f.Name()
	out := []home{}
	if name == "meshConfig" {
		out = append(out, home{facts.Spec, []string{name}, "spec.meshConfig"})
	}
	if strings.Count(f.Path(), ".") == 2 {
		out = append(out, home{facts.Values, []string{"global", name}, belowValues + "global." + name},
			home{facts.Values, []string{"pilot", name}, belowValues + "pilot." + name})
	}
	switch name {
	case "logLevel", "componentLogLevel":
		out = append(out, home{facts.Values, []string{"global", "proxy", name}, belowValues + "global.proxy." + name})
	case "ingressGateways", "egressGateways":
		out = append(out, home{facts.Spec, []string{"components", name}, "spec.components." + name})
	}
	return out
}

func chartHomes(f *document.Value, s facts.Surface) []home {
	name, path := f.Name(), f.Path()
	out := []home{}
	if name == "meshConfig" {
		out = append(out, home{s, []string{name}, name})
	}
	if !strings.Contains(path, ".") {
		out = append(out, home{s, []string{"global", name}, "global." + name})
	}
	if parent := strings.TrimSuffix(path, "."+name); parent == "global" || parent == "pilot" || parent == "cni" {
		out = append(out, home{s, []string{name}, name})
	}
	return out
}

func meshHomes(prefix, name string) []home {
	return []home{
		{facts.MeshConfig, []string{name}, prefix + name},
		{facts.MeshConfig, []string{"defaultConfig", name}, prefix + "defaultConfig." + name},
	}
}

// meshHomesWithin are for a field that is in mesh config already.
func meshHomesWithin(f *document.Value) []home {
	root := "meshConfig."
	if before, _, ok := strings.Cut(f.Path(), "meshConfig."); ok {
		root = before + root
	}
	all := meshHomes(root, f.Name())
	if strings.Contains(f.Path(), "defaultConfig") {
		return all[:1]
	}
	return all[1:]
}

func lookup(s facts.Surface, istio facts.Minor, path ...string) (*node, bool) {
	n := surfaceTree(s)
	for _, name := range path {
		c, ok := n.child(name)
		if !ok || status(c, istio) != alive {
			return nil, false
		}
		n = c
	}
	return n, true
}

// Known says whether a field exists on a surface in a minor.
func Known(s facts.Surface, istio facts.Minor, path ...string) bool {
	_, ok := lookup(s, istio, path...)
	return ok
}
