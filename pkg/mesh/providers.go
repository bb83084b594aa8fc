package mesh

import (
	"slices"
	"strings"

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
	names map[string]bool // in small letters
	exact map[string]bool
	// Unknown says why others may be there besides those known; "" where not.
	Unknown string
}

// Providers are those of any configuration that istiod may read: of several
// control planes nobody knows which one an object is for.
func (m *Mesh) Providers() *Providers {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *Providers { return newProviders(m) })
}

// Has says whether there is a provider of a name. Telemetry finds it in any
// case of letters; see fetchProvider in Istio's pilot/pkg/model/telemetry.go.
func (p *Providers) Has(name string) bool { return p.names[strings.ToLower(name)] }

// HasExactly says it for policies, where case counts; see getExtAuthz in
// pilot/pkg/security/authz/builder/extauthz.go.
func (p *Providers) HasExactly(name string) bool { return p.exact[name] }

func (p *Providers) add(name string) { p.exact[name], p.names[strings.ToLower(name)] = true, true }

func newProviders(m *Mesh) *Providers {
	out := &Providers{map[string]bool{}, map[string]bool{}, "no mesh config is in the picture, which would name the providers"}
	for _, known := range m.Config.GetExtensionProviders() {
		out.add(known.GetName())
	}
	for _, c := range m.Configs {
		if !c.HoldsMesh() {
			continue
		}
		out.Unknown = ""
		for _, told := range append(c.MeshConfigs(), c.Mesh()) {
			for _, field := range []string{"extensionProviders", "extension_providers"} {
				for _, item := range told.Field(field).Items() {
					out.add(item.Str("name"))
				}
			}
		}
	}
	whole, _ := m.Has(snapshot.Whole)
	shared := func(e snapshot.Env) bool { return e.Name == sharedConfig }
	for _, c := range m.Configs {
		switch {
		case !c.HoldsMesh():
		case !c.Complete():
			out.Unknown = "a part of the mesh config is not known"
		case !c.IsMesh() && !c.IsOperator() && c.Wrapper == nil && !whole:
			out.Unknown = "other values files may be laid over those of chart istiod; --complete says that there are none"
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
