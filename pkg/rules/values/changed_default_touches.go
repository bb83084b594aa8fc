package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// touches says whether a change is about a configuration.
func touches(c *snapshot.Config, what facts.Touches) bool {
	pilot := !c.IsMesh() && c.ComponentEnabled("pilot")
	switch what {
	case facts.TouchesPilot:
		return pilot
	case facts.TouchesMesh:
		return c.HoldsMesh()
	case facts.TouchesTracing:
		return c.HoldsMesh() && !tracingDecided(c.Mesh())
	case facts.TouchesSelectors:
		return c.HoldsMesh() && len(c.Mesh().Field("discoverySelectors").Items()) > 0
	case facts.TouchesMemoryLimit:
		return pilot && memoryLimited(c)
	case facts.TouchesTaint:
		return pilot && (c.EffectiveValues().IsTrue("pilot", "taint", "enabled") || c.Chart == "istiod" && c.EffectiveValues().IsTrue("taint", "enabled"))
	case facts.TouchesCNI:
		return c.ComponentEnabled("cni")
	case facts.TouchesAmbient:
		return ambientCNI(c)
	case facts.TouchesExcludes:
		return ambientCNI(c) && len(excluded(c)) > 0
	case facts.TouchesHub:
		return hubless(c)
	case facts.TouchesBaseHelm:
		return c.Chart == "base"
	case facts.TouchesZtunnelHelm:
		return c.Chart == "ztunnel"
	}
	return false
}

func tracingDecided(mesh *document.Value) bool {
	return given(mesh.At("defaultConfig", "tracing")) || given(mesh.At("defaultProviders", "tracing")) || mesh.IsFalse("enableTracing")
}

func memoryLimited(c *snapshot.Config) bool {
	limit := []string{"resources", "limits", "memory"}
	return given(c.Values().Field("pilot").At(limit...)) || c.Chart == "istiod" && given(c.Root.At(limit...)) ||
		given(c.Root.At("spec", "components", "pilot", "k8s").At(limit...))
}

func ambientCNI(c *snapshot.Config) bool {
	v := c.EffectiveValues()
	return c.ComponentEnabled("cni") && (v.IsTrue("cni", "ambient", "enabled") || c.Chart == "cni" && v.IsTrue("ambient", "enabled"))
}

// excluded lists the namespaces that the user, not the chart, excludes.
func excluded(c *snapshot.Config) []*document.Value {
	list := c.Values().At("cni", "excludeNamespaces")
	if list == nil && c.Chart == "cni" {
		list = c.Root.Field("excludeNamespaces")
	}
	var out []*document.Value
	for _, item := range list.Items() {
		if item.Text != "kube-system" {
			out = append(out, item)
		}
	}
	return out
}

// hubless says whether the chart's default says where images come from.
func hubless(c *snapshot.Config) bool {
	if c.IsOperator() {
		return !given(c.Root.At("spec", "hub")) && !given(c.Values().At("global", "hub"))
	}
	return (c.Chart == "istiod" || c.Chart == "cni" || c.Chart == "ztunnel") && !given(c.Root.At("global", "hub")) && !given(c.Root.Field("hub"))
}
