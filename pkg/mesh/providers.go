package mesh

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// sharedConfig names another ConfigMap for istiod.
const (
	sharedConfig = "SHARED_MESH_CONFIG"
	second       = "istiod reads a second mesh config, of " + sharedConfig + ", which is not in the picture"
)

// Providers are the extension providers of the mesh config.
type Providers struct {
	names map[string]bool
	// Unknown says why others may be there besides those known; "" where not.
	Unknown string
}

// Providers are those of any configuration that istiod may read: of several
// control planes nobody knows which one an object is for.
func (m *Mesh) Providers() *Providers {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *Providers { return newProviders(m) })
}

// Has says whether there is a provider of a name.
func (p *Providers) Has(name string) bool { return p.names[name] }

func newProviders(m *Mesh) *Providers {
	out := &Providers{map[string]bool{}, "no mesh config is in the picture, which would name the providers"}
	for _, known := range m.Config.GetExtensionProviders() {
		out.names[known.GetName()] = true
	}
	for _, c := range m.Configs {
		if !c.HoldsMesh() {
			continue
		}
		out.Unknown = ""
		for _, told := range append(c.MeshConfigs(), c.Mesh()) {
			for _, field := range []string{"extensionProviders", "extension_providers"} {
				for _, item := range told.Field(field).Items() {
					out.names[item.Str("name")] = true
				}
			}
		}
	}
	shared := func(e snapshot.Env) bool { return e.Name == sharedConfig }
	for _, c := range m.Configs {
		switch {
		case !c.HoldsMesh():
		case !c.Complete():
			out.Unknown = "a part of the mesh config is not known"
		case slices.ContainsFunc(c.Env(), shared):
			out.Unknown = second
		}
	}
	for _, d := range m.Deployments {
		if d.Labels["app"] != "istiod" {
			continue
		}
		for _, c := range d.Spec.Template.Spec.Containers {
			if slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == sharedConfig && e.Value != "" }) {
				out.Unknown = second
			}
		}
	}
	return out
}
