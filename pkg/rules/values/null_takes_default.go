package values

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func nullTakesDefault() *rule.Rule {
	return &rule.Rule{
		ID: "VAL026", Name: "null-takes-default", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A key without a value takes a default away that the charts cannot do without.",
		Why:     "Rendering fails with a message about a nil pointer in a template, far from the key that causes it.",
		Fix:     "Remove the key, or write {} to add nothing to the defaults.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if c.Istio.Before(facts.Minor{Major: 1, Minor: 24}) {
					continue // the charts were built in another way
				}
				specNulls(p, c)
				for _, path := range needed(c) {
					if v := c.Values().At(path...); v != nil && v.Kind == document.Null {
						f := p.Reportf(v, "%s is empty, which takes the chart's default away, and the chart cannot be rendered without; remove the key%s", v.Path(), orEmptyMap(path))
						if orEmptyMap(path) != "" {
							f.Propose(v.Empty(), "write {}") // comments below the key stay
						} else {
							f.Propose(v.Remove(v.Parent()), "remove it")
						}
					}
				}
			}
		},
	}
}

// specNulls judges the fields of an IstioOperator that istioctl copies into
// the values: it writes an empty one as the text <nil>.
func specNulls(p *rule.Pass, c *snapshot.Config) {
	if !c.IsOperator() {
		return
	}
	spec := c.Root.Field("spec")
	for _, field := range []string{"hub", "tag", "revision", "compatibilityVersion", "meshConfig"} {
		if v := spec.Field(field); v != nil && v.Kind == document.Null {
			p.Reportf(v, `%s is empty, and istioctl takes the text "<nil>" for it; remove the key`, v.Path()).Propose(v.Remove(spec), "remove it")
		}
	}
	for _, field := range []string{"ingressGateways", "egressGateways"} {
		if v := spec.At("components", field); v != nil && v.Kind == document.Null {
			p.Reportf(v, "%s is empty, and istioctl crashes on it; remove the key, or write [] for no gateway", v.Path())
		}
	}
}

func orEmptyMap(path []string) string {
	if path[len(path)-1] == "image" {
		return ""
	}
	return " or write {}"
}

// needed lists the values that the charts read from without looking whether
// they are there; found by rendering with each of them null.
func needed(c *snapshot.Config) [][]string {
	shared := []string{
		"global", "global.defaultPodDisruptionBudget", "global.istiod", "global.logging", "global.multiCluster", "global.proxy", "global.sds",
		"global.sds.token", "meshConfig", "gateways", "experimental", "base", "sidecarInjectorWebhook", "sidecarInjectorWebhook.templates",
		"istiodRemote", "telemetry", "telemetry.v2", "telemetry.v2.prometheus", "telemetry.v2.stackdriver",
	}
	pilot := []string{"cpu", "env", "memory", "image", "taint"}
	cni := []string{"ambient", "image", "logging", "repair", "resourceQuotas"}
	ztunnel := []string{"image", "resourceQuotas"}
	switch {
	case c.IsOperator():
		return split(shared, emptyGateways(c), prefixed("pilot.", pilot), prefixed("cni.", installed(c, "cni", cni)), prefixed("ztunnel.", installed(c, "ztunnel", ztunnel)))
	case c.Chart == "istiod":
		return split(shared, pilot, prefixed("pilot.", pilot))
	case c.Chart == "cni":
		return split([]string{"global", "global.logging"}, cni, prefixed("cni.", cni))
	case c.Chart == "ztunnel":
		return split([]string{"global"}, ztunnel)
	}
	return nil
}

// emptyGateways are the values of the gateways that are installed.
func emptyGateways(c *snapshot.Config) []string {
	var out []string
	for _, g := range gateways(c.Effective) {
		if path := "gateways." + g.root; !g.entry.IsFalse("enabled") && !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

func installed(c *snapshot.Config, component string, paths []string) []string {
	if c.ComponentEnabled(component) {
		return paths
	}
	return nil
}

func prefixed(prefix string, paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, prefix+p)
	}
	return out
}

func split(lists ...[]string) [][]string {
	var out [][]string
	for _, path := range slices.Concat(lists...) {
		out = append(out, strings.Split(path, "."))
	}
	return out
}
