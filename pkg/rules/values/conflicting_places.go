package values

import (
	"cmp"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// pair is one setting in the values and in the k8s settings of a component,
// which are patched onto what the values made and so win.
type pair struct{ values, k8s *document.Value }

// componentPairs lists the settings that a component takes in both places.
func componentPairs(c *snapshot.Config) []pair {
	components, values := c.Root.At("spec", "components"), c.Root.At("spec", "values")
	var out []pair
	for _, name := range []string{"pilot", "cni", "ztunnel"} {
		out = append(out, pairs(values.Field(name), components.At(name, "k8s"))...)
	}
	all := gateways(c.Root)
	for _, g := range all {
		// Values are for every gateway of a kind, k8s for one: where there are
		// several, the one is meant to differ.
		if kind := sameKind(all, g.root); kind == 1 {
			out = append(out, pairs(values.At("gateways", g.root), g.entry.Field("k8s"))...)
		}
	}
	return out
}

func sameKind(all []gatewayEntry, root string) int {
	n := 0
	for _, g := range all {
		if g.root == root {
			n++
		}
	}
	return n
}

func pairs(values, k8s *document.Value) []pair {
	return []pair{
		{values.Field("resources"), k8s.Field("resources")},
		{values.Field("nodeSelector"), k8s.Field("nodeSelector")},
		{values.Field("podAnnotations"), k8s.Field("podAnnotations")},
		{values.Field("serviceAnnotations"), k8s.Field("serviceAnnotations")},
		{values.Field("replicaCount"), k8s.Field("replicaCount")},
		{values.Field("autoscaleMin"), k8s.At("hpaSpec", "minReplicas")},
		{values.Field("autoscaleMax"), k8s.At("hpaSpec", "maxReplicas")},
		{values.Field("rollingMaxSurge"), k8s.At("strategy", "rollingUpdate", "maxSurge")},
		{values.Field("rollingMaxUnavailable"), k8s.At("strategy", "rollingUpdate", "maxUnavailable")},
		{values.Field("type"), k8s.At("service", "type")},
		{values.Field("loadBalancerIP"), k8s.At("service", "loadBalancerIP")},
		{values.Field("externalTrafficPolicy"), k8s.At("service", "externalTrafficPolicy")},
	}
}

// withoutOperator is the first minor without the operator in the cluster, for
// which the object's own namespace was another one.
var withoutOperator = facts.Minor{Major: 1, Minor: 24}

// namespaceConflicts compares the three places that seem to say where istiod
// goes. Only global.istioNamespace does; every profile sets it.
func namespaceConflicts(p *rule.Pass, c *snapshot.Config) {
	used := c.Root.At("spec", "values", "global", "istioNamespace")
	wins := cmp.Or(c.EffectiveValues().Str("global", "istioNamespace"), "istio-system")
	if used != nil && used.Placeholder() != "" {
		return
	}
	for _, v := range []*document.Value{c.Root.At("metadata", "namespace"), c.Root.At("spec", "namespace")} {
		own := v != nil && v == c.Root.At("metadata", "namespace")
		if first(v) == nil || v.Placeholder() != "" || v.Text == wins || own && c.Istio.Before(withoutOperator) {
			continue
		}
		if used != nil {
			f := p.Reportf(v, "%s is %q, but istiod is installed into %q, as spec.values.global.istioNamespace says; keep one of them", v.Path(), v.Text, wins)
			f.Related = []finding.Related{{Message: "this one is used", At: used.Location()}}
			if own {
				f.Severity = finding.Warning // it may be where somebody keeps the object
			}
			continue
		}
		f := p.Reportf(v, "%s is %q, but istiod is installed into %q; the namespace is chosen with spec.values.global.istioNamespace", v.Path(), v.Text, wins)
		f.Severity = finding.Warning
	}
}
