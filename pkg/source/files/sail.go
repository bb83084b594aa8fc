package files

import (
	"cmp"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// sail reads the objects of the Sail operator. Their values are those of the
// charts, and their version is Istio's with a v before it.
func (w wrapping) sail() []*snapshot.Config {
	chart, namespace := sailChart(meantKind(w.root))
	if chart == "" {
		return nil
	}
	spec := w.root.Field("spec")
	values := spec.Field("values")
	if values == nil || values.Kind == document.Null {
		values = empty(or(spec, w.root))
	}
	wrapper := w.wrapper()
	wrapper.Version = spec.Field("version")
	wrapper.Pinned, _ = facts.ParseMinor(known(wrapper.Version.Str()))
	if chart == "istiod" {
		values = values.Without("defaultRevision") // is for chart base, which Sail installs along
	}
	if chart == "ztunnel" {
		values = values.Hoist("ztunnel")
	}
	values = document.Merge(sailProfile(spec.Field("profile")), values)
	c := &snapshot.Config{Chart: chart, Root: values, Wrapper: &wrapper, ReleaseNamespace: cmp.Or(known(spec.Str("namespace")), namespace)}
	c.Patch = wrapper.Version == nil // an object of its own takes the default, if there is no other
	if wrapper.Pinned.Known() {
		c.Istio = nearest(wrapper.Pinned)
	}
	return []*snapshot.Config{c}
}

// sailChart is the chart that a kind stands for, and its default namespace.
func sailChart(kind string) (chart, namespace string) {
	switch kind {
	case "Istio", "IstioRevision":
		return "istiod", "istio-system"
	case "IstioCNI":
		return "cni", "istio-cni"
	case "ZTunnel":
		return "ztunnel", "ztunnel"
	}
	return "", ""
}

// sailProfile is what a profile of Sail's lays below the values: the charts'
// profile of the same name, and for OpenShift the platform.
func sailProfile(profile *document.Value) *document.Value {
	at := profile.Location()
	platform := map[string]any{"platform": "openshift"}
	switch name := profile.Str(); name {
	case "ambient", "demo", "preview", "remote", "stable":
		return document.FromGo(map[string]any{"profile": name}, at)
	case "openshift":
		return document.FromGo(map[string]any{"global": platform}, at)
	case "openshift-ambient":
		return document.FromGo(map[string]any{"profile": "ambient", "global": platform}, at)
	}
	return nil
}
