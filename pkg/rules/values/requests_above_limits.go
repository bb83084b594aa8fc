package values

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func requestsAboveLimits() *rule.Rule {
	return &rule.Rule{
		ID: "VAL018", Name: "requests-above-limits", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A container requests more than its limit, or a negative amount.",
		Why:     "The API server refuses every such pod; the Deployment is accepted and stays without pods.",
		Fix:     "Raise the limit or lower the request; the other one may be a default of the chart.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				who := authorOf(c)
				for _, r := range containers(c) {
					compareAmounts(p, r, who)
				}
			}
		},
	}
}

// container is the resources of one kind of container, the defaults included.
type container struct {
	name      string
	resources *document.Value
}

func containers(c *snapshot.Config) []container {
	var out []container
	for _, w := range workloads(c) {
		out = append(out, container{w.name, w.resources()})
	}
	v := c.EffectiveValues()
	if c.ComponentEnabled("pilot") {
		proxy := chartDefaults(proxyResources())
		out = append(out,
			container{"the proxies", document.Merge(proxy, v.At("global", "proxy", "resources"))},
			container{"the waypoints", document.Merge(proxy, v.At("global", "waypoint", "resources"))})
	}
	return append(out, agents(c, v)...)
}

// agents are the containers that run on every node.
func agents(c *snapshot.Config, v *document.Value) []container {
	var out []container
	for _, a := range []struct {
		component, name string
		defaults        *document.Value
	}{{"cni", "istio-cni", cniDefaults()}, {"ztunnel", "ztunnel", ztunnelDefaults()}} {
		if !c.ComponentEnabled(a.component) {
			continue
		}
		given := v.At(a.component, "resources")
		if !c.IsOperator() {
			given = document.Merge(v.Field("resources"), given)
		}
		given = document.Merge(given, c.Root.At("spec", "components", a.component, "k8s", "resources"))
		out = append(out, container{a.name, document.Merge(a.defaults, given)})
	}
	return out
}

func compareAmounts(p *rule.Pass, r container, who author) {
	for _, kind := range []string{"cpu", "memory", "ephemeral-storage"} {
		request, limit := r.resources.At("requests", kind), r.resources.At("limits", kind)
		if negative(p, r, who, request) || negative(p, r, who, limit) {
			continue
		}
		asked, okAsked := amount(request)
		most, okMost := amount(limit)
		if !okAsked || !okMost || asked.Cmp(most) <= 0 || !who.wrote(request) && !who.wrote(limit) {
			continue
		}
		at, other, what := request, limit, "limit"
		if !who.wrote(request) {
			at, other, what = limit, request, "request"
		}
		f := p.Reportf(who.original(at), "%s requests %s of %s, but its limit is %s%s; the API server refuses such pods", r.name, request.Text, kind, limit.Text, source(who, other, what))
		if who.wrote(other) {
			f.Related = []finding.Related{{Message: "the " + what + " stands here", At: who.original(other).Location()}}
		}
	}
}

func source(who author, v *document.Value, what string) string {
	if who.wrote(v) {
		return ""
	}
	return " (the " + what + " is a default)"
}

func negative(p *rule.Pass, r container, who author, v *document.Value) bool {
	n, ok := amount(v)
	if !ok || n.Sign() >= 0 || !who.wrote(v) {
		return false
	}
	p.Reportf(who.original(v), "%s of %s is negative: %s", v.Name(), r.name, v.Text)
	return true
}

// amount is a quantity; one that cannot be read is another rule's matter.
func amount(v *document.Value) (resource.Quantity, bool) {
	if !v.Scalar() || v.Kind == document.Null || v.Placeholder() != "" {
		return resource.Quantity{}, false
	}
	q, err := resource.ParseQuantity(v.Text)
	return q, err == nil
}
