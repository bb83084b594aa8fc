package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// workload is a Deployment that a configuration installs, with what decides
// how many pods it has and what they get. Every value is the one in effect:
// the charts' default, the profile's or the user's.
type workload struct {
	name string // istiod, or gateway NAME
	// operator says that it comes from an IstioOperator, whose k8s settings
	// are patched onto the rendered objects.
	operator bool
	values   *document.Value // of the chart, at the root of the workload
	k8s      *document.Value // of the component
	author
	at finding.Locator // for what is missing
}

// workloads lists the Deployments of a configuration.
func workloads(c *snapshot.Config) []workload {
	root := c.Effective
	if root == nil {
		root = c.Root
	}
	who := authorOf(c)
	switch {
	case c.IsOperator():
		return append(operatorPilot(c, root, who), operatorGateways(c, root, who)...)
	case c.Chart == "istiod":
		own := document.Merge(root.Without("pilot"), root.Field("pilot"))
		return []workload{{"istiod", false, sized(document.Merge(istiodDefaults(), own), root.Field("global")), nil, who, c.Root}}
	case c.Chart == "gateway":
		return []workload{chartGateway(root, who, c.Root)}
	}
	return nil
}

func operatorPilot(c *snapshot.Config, root *document.Value, who author) []workload {
	if !c.ComponentEnabled("pilot") {
		return nil
	}
	values := sized(document.Merge(istiodDefaults(), root.At("spec", "values", "pilot")), root.At("spec", "values", "global"))
	at := c.Nearest("spec", "components", "pilot", "k8s")
	return []workload{{"istiod", true, values, root.At("spec", "components", "pilot", "k8s"), who, at}}
}

func operatorGateways(c *snapshot.Config, root *document.Value, who author) []workload {
	var out []workload
	for _, g := range gateways(root) {
		if g.entry.IsFalse("enabled") {
			continue
		}
		values := sized(document.Merge(gatewayDefaults(), root.At("spec", "values", "gateways", g.root)), root.At("spec", "values", "global"))
		out = append(out, workload{"gateway " + g.entry.Str("name"), true, values, g.entry.Field("k8s"), who, g.entry})
	}
	return out
}

// gatewayEntry is one gateway of an IstioOperator; root is where all of its
// kind have their values.
type gatewayEntry struct {
	entry *document.Value
	root  string
}

// gateways lists the gateways of an IstioOperator, disabled ones too.
func gateways(root *document.Value) []gatewayEntry {
	var out []gatewayEntry
	for _, kind := range []string{"ingress", "egress"} {
		for _, item := range root.At("spec", "components", kind+"Gateways").Items() {
			out = append(out, gatewayEntry{item, "istio-" + kind + "gateway"})
		}
	}
	return out
}

// chartGateway gives the values of chart gateway the names that the other
// charts use.
func chartGateway(root *document.Value, who author, at finding.Locator) workload {
	v := gatewayDefaults()
	for _, renamed := range []struct{ from, to []string }{
		{[]string{"autoscaling", "enabled"}, []string{"autoscaleEnabled"}},
		{[]string{"autoscaling", "minReplicas"}, []string{"autoscaleMin"}},
		{[]string{"autoscaling", "maxReplicas"}, []string{"autoscaleMax"}},
		{[]string{"autoscaling", "targetCPUUtilizationPercentage"}, []string{"cpu", "targetAverageUtilization"}},
		{[]string{"autoscaling", "targetMemoryUtilizationPercentage"}, []string{"memory", "targetAverageUtilization"}},
		{[]string{"replicaCount"}, []string{"replicaCount"}},
		{[]string{"resources"}, []string{"resources"}},
		{[]string{"podDisruptionBudget"}, []string{"pdb"}},
	} {
		if found := root.At(renamed.from...); found != nil {
			v = document.Merge(v, document.Nest(found, renamed.to...))
		}
	}
	name := root.Str("name")
	if name != "" {
		name = " " + name
	}
	return workload{"the gateway" + name, false, v, nil, who, at}
}

// sized gives a workload without resources those of the mesh, as the charts
// do.
func sized(values, global *document.Value) *document.Value {
	if r := values.Field("resources"); r != nil && r.Kind != document.Null {
		return values
	}
	common := chartDefaults(map[string]any{"requests": map[string]any{"cpu": "10m"}})
	return document.Merge(values.Without("resources"), document.Nest(document.Merge(common, global.Field("defaultResources")), "resources"))
}
