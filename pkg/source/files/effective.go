package files

import (
	"cmp"
	"io/fs"
	"sync"

	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// effective lays a configuration over the bundled settings that it selects,
// in the order of istioctl and of the charts: profile, compatibility version,
// platform, then the user's own. It is nil where one of them does not exist.
func effective(c *snapshot.Config) *document.Value {
	if !c.IsOperator() {
		return overBundled(c.Chart, c.Root)
	}
	return operatorEffective(withoutEmptySpec(c))
}

func operatorEffective(root *document.Value) *document.Value {
	name := cmp.Or(root.Str("spec", "profile"), "default")
	base := document.Merge(bundled("profiles/default.yaml"), released())
	if name != "default" {
		top := bundled("profiles/" + name + ".yaml")
		if top == nil {
			return nil
		}
		base = document.Merge(base, top)
	}
	merged := document.Merge(base, root)
	values := document.Merge(translated(merged), root.At("spec", "values"))
	// Of the two mesh configs the spec's wins, though for everything else
	// the user's values do: istioctl merges it into the very map that it
	// applies last.
	if mesh := merged.At("spec", "meshConfig"); mesh != nil && mesh.Kind == document.Map {
		values = document.Merge(values, document.Nest(mesh, "meshConfig"))
	}
	// Last come the values that istioctl does not look at.
	if unseen := merged.At("spec", "unvalidatedValues"); unseen != nil && unseen.Kind == document.Map {
		values = document.Merge(values, unseen)
	}
	values = overBundled("istiod", values)
	if values == nil {
		return nil
	}
	return document.Merge(merged, document.Nest(values, "spec", "values"))
}

// released replaces the testing images of the bundled default profile by
// those of the release.
func released() *document.Value {
	return document.FromGo(map[string]any{"spec": map[string]any{
		"hub": facts.ReleaseHub, "tag": facts.EmbeddedRelease,
	}}, finding.Location{File: "bundled profile"})
}

// translated copies the fields of the spec that istioctl hands on as values,
// and whether istiod and the CNI are installed, which the charts ask for.
func translated(root *document.Value) *document.Value {
	spec := root.Field("spec")
	values := spec.Field("values")
	for _, t := range []struct {
		field string
		path  []string
	}{
		{"hub", []string{"global", "hub"}},
		{"tag", []string{"global", "tag"}},
		{"revision", []string{"revision"}},
		{"meshConfig", []string{"meshConfig"}},
		{"compatibilityVersion", []string{"compatibilityVersion"}},
	} {
		if f := spec.Field(t.field); f != nil && f.Kind != document.Null {
			values = document.Merge(values, document.Nest(f, t.path...))
		}
	}
	installed := func(component string) any { return spec.IsTrue("components", component, "enabled") }
	return document.Merge(values, document.FromGo(map[string]any{"pilot": map[string]any{
		"enabled": installed("pilot"), "cni": map[string]any{"enabled": installed("cni")},
	}}, finding.Location{File: "spec.components"}))
}

// overBundled lays values over the settings that a chart bundles under the
// names in them. It is nil where the chart has no such file.
func overBundled(chart string, values *document.Value) *document.Value {
	var below *document.Value
	for _, selector := range []struct{ prefix, name string }{
		{"profile-", cmp.Or(values.Str("profile"), values.Str("global", "profile"))},
		{"profile-compatibility-version-", values.Str("compatibilityVersion")},
		{"profile-platform-", cmp.Or(values.Str("platform"), values.Str("global", "platform"))},
	} {
		if selector.name == "" {
			continue
		}
		settings := bundled("charts/" + folder(chart) + "/files/" + selector.prefix + selector.name + ".yaml")
		if settings == nil {
			return nil
		}
		below = document.Merge(below, settings)
	}
	return document.Merge(below, values)
}

// folder is where the module keeps a chart.
func folder(chart string) string {
	switch chart {
	case "istiod":
		return "istio-control/istio-discovery"
	case "cni":
		return "istio-cni"
	}
	return chart
}

// parsed caches the bundled files, which never change.
var parsed sync.Map

// bundled parses a file of the linked Istio module; nil where there is none,
// and an empty map for one that only holds comments.
func bundled(name string) *document.Value {
	if v, ok := parsed.Load(name); ok {
		return v.(*document.Value)
	}
	v := parseBundled(name)
	if v != nil {
		parsed.Store(name, v)
	}
	return v
}

func parseBundled(name string) *document.Value {
	data, err := fs.ReadFile(manifests.FS, name)
	if err != nil {
		return nil
	}
	docs := document.Parse("istio/"+name, data)
	if len(docs) == 0 || docs[0].Root == nil {
		return document.FromGo(map[string]any{}, finding.Location{File: "istio/" + name})
	}
	return docs[0].Root
}
