package snapshot

import (
	"cmp"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/secret"
)

// Config is one configuration to install: an IstioOperator, or the values of
// one Helm chart.
type Config struct {
	// Chart is "" for an IstioOperator, else base, istiod, cni, ztunnel or
	// gateway, or Mesh.
	Chart string
	// Istio is the minor that the configuration is checked for: the target's,
	// unless the file itself names another one.
	Istio facts.Minor
	// Root is the document as the user wrote it, several files merged.
	Root *document.Value
	// Networks stand beside mesh config in its ConfigMap; nil for none.
	Networks *document.Value
	// ReleaseNamespace is where Helm values are installed, where the user
	// names it; IstioOperators say so themselves.
	ReleaseNamespace string
	// ReleaseName is the name of the Helm release, where it is known to be
	// another than the usual one.
	ReleaseName string
	// Effective is Root laid over the bundled profile that it names. It is
	// nil where that profile does not exist.
	Effective *document.Value
	// Reconstructed says that the configuration was read back from a cluster,
	// which does not keep all of it: a field that differs there may have been
	// installed so.
	Reconstructed bool
	// Wrapper is the object that holds the values; nil for files that do so
	// themselves.
	Wrapper *Wrapper
	// Unseen lists what else belongs to the configuration.
	Unseen []Unseen
	// Off says that the object leaves the release out, as a helmfile's
	// installed: false or an umbrella chart's condition does.
	Off bool
	// Patch says that the object is laid over another one of the same name;
	// Root is what comes of that, where the other one is among the files.
	Patch bool

	memo memo
}

// WithRoot is the same configuration with another document.
func (c *Config) WithRoot(root *document.Value) *Config {
	return &Config{
		Chart: c.Chart, Istio: c.Istio, Root: root, ReleaseNamespace: c.ReleaseNamespace, ReleaseName: c.ReleaseName,
		Effective: c.Effective, Reconstructed: c.Reconstructed,
	}
}

// IsOperator says whether the configuration is an IstioOperator.
func (c *Config) IsOperator() bool { return c.Chart == "" }

// Name names the configuration for a finding.
func (c *Config) Name() string {
	if c.Wrapper != nil {
		return c.Wrapper.String()
	}
	if !c.IsOperator() {
		return "values of chart " + c.Chart
	}
	ns, name := c.Root.Str("metadata", "namespace"), c.Root.Str("metadata", "name")
	return "IstioOperator/" + cmp.Or(ns, "istio-system") + "/" + cmp.Or(name, "installed-state")
}

// Body is what the schema describes: the spec of an IstioOperator, the whole
// document for Helm values and mesh config.
func (c *Config) Body() (*document.Value, facts.Surface) {
	if c.IsMesh() {
		return c.Root, facts.MeshConfig
	}
	if c.IsOperator() {
		return c.Root.Field("spec"), facts.Spec
	}
	return c.Root, facts.Chart(c.Chart)
}

// Values are the Helm values as written: spec.values or the whole document.
func (c *Config) Values() *document.Value { return values(c, c.Root) }

// EffectiveValues are the Helm values with the profile's below them; those as
// written where the profile does not exist.
func (c *Config) EffectiveValues() *document.Value {
	if c.Effective == nil {
		return c.Values()
	}
	return values(c, c.Effective)
}

func values(c *Config, root *document.Value) *document.Value {
	if c.IsOperator() {
		return root.At("spec", "values")
	}
	return root
}

// MeshConfigs are the places where mesh config is written: values.meshConfig
// and spec.meshConfig of an IstioOperator, meshConfig of chart istiod, or all
// of a configuration that is mesh config only. Later ones win.
func (c *Config) MeshConfigs() []*document.Value {
	if c.IsMesh() {
		return []*document.Value{c.Root}
	}
	var out []*document.Value
	candidates := []*document.Value{c.Values().Field("meshConfig")}
	if c.IsOperator() {
		candidates = []*document.Value{c.Root.At("spec", "values", "meshConfig"), c.Root.At("spec", "meshConfig")}
	}
	for _, m := range candidates {
		if m != nil {
			out = append(out, m)
		}
	}
	return out
}

// Namespace is where the control plane goes; istio-system by default. Every
// profile of an IstioOperator sets global.istioNamespace, so that the object's
// own namespace counts only where the profile is not known.
func (c *Config) Namespace() string {
	if !c.IsOperator() && c.ReleaseNamespace != "" {
		return c.ReleaseNamespace
	}
	return cmp.Or(c.EffectiveValues().Str("global", "istioNamespace"), c.Root.Str("metadata", "namespace"), "istio-system")
}

// Release is the name of the Helm release that the values of a chart are for:
// the one that Istio's documentation uses, unless another is known.
func (c *Config) Release() string {
	switch {
	case c.ReleaseName != "":
		return c.ReleaseName
	case c.Chart == "base" || c.Chart == "cni":
		return "istio-" + c.Chart
	case c.Chart == "istiod" && c.Revision() != "":
		return "istiod-" + c.Revision()
	case c.Chart == "gateway":
		return cmp.Or(c.Root.Str("name"), c.Chart)
	}
	return c.Chart
}

// Revision is the control plane's revision, "" for the default one.
func (c *Config) Revision() string {
	if !c.IsOperator() {
		return c.Root.Str("revision")
	}
	return cmp.Or(c.Root.Str("spec", "values", "revision"), c.Root.Str("spec", "revision"))
}

// ComponentEnabled says whether an IstioOperator installs a component (base,
// pilot, cni, ztunnel); for Helm values, whether they are that chart's. As in
// istioctl, a component that is written without "enabled" is installed.
func (c *Config) ComponentEnabled(name string) bool {
	if !c.IsOperator() {
		return c.Chart == name || c.Chart == "istiod" && name == "pilot"
	}
	root := c.Effective
	if root == nil {
		root = c.Root
	}
	component := root.At("spec", "components", name)
	if component == nil || component.Kind == document.Null {
		return name == "base" || name == "pilot"
	}
	return !component.IsFalse("enabled")
}

// Nearest is the place of a field, or of the closest field above it that is
// written, for findings about something that is missing. An expression of --set
// that only shares the way there has nothing to do with it.
func (c *Config) Nearest(path ...string) finding.Locator {
	at, written := c.Root, c.Root
	for _, name := range path {
		if at = at.Field(name); at == nil {
			break
		}
		if at.Scalar() || !strings.HasPrefix(at.Location().File, secret.SetPrefix) {
			written = at
		}
	}
	return written.Key()
}

// Mesh is the mesh config that istiod reads: what is written, the places of
// MeshConfigs merged, over the profile's. It is nil where nothing sets any.
func (c *Config) Mesh() *document.Value {
	if c.Effective != nil {
		if v := values(c, c.Effective).Field("meshConfig"); v != nil {
			return v
		}
	}
	var merged *document.Value
	for _, m := range c.MeshConfigs() {
		merged = document.Merge(merged, m)
	}
	return merged
}

// MeshNetworks are the networks that istiod is told; nil for none.
func (c *Config) MeshNetworks() *document.Value {
	if c.IsMesh() {
		return c.Networks
	}
	return c.Values().At("global", "meshNetworks")
}

// MeshPath is where mesh config is best written.
func (c *Config) MeshPath() []string {
	switch {
	case c.IsMesh():
		return nil
	case c.IsOperator():
		return []string{"spec", "meshConfig"}
	}
	return []string{"meshConfig"}
}

// HoldsMesh says whether istiod takes its mesh config from here.
func (c *Config) HoldsMesh() bool { return c.IsMesh() || c.ComponentEnabled("pilot") }
