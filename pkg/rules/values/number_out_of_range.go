package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func numberOutOfRange() *rule.Rule {
	return &rule.Rule{
		ID: "VAL017", Name: "number-out-of-range", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A number is outside what its field allows, or a minimum is above its maximum.",
		Why:     "Nothing checks it before the API server refuses the object, or Istio silently takes another number.",
		Fix:     "Write a number in the range that the message names.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, w := range workloads(c) {
					bounds(p, w)
					utilization(p, w)
					rollout(p, w)
				}
				sampling(p, c)
				proxyNumbers(p, c)
			}
		},
	}
}

// bounds judges an autoscaler's minimum and maximum. The default of one may
// meet the user's other.
func bounds(p *rule.Pass, w workload) {
	low, high := w.min(), w.max()
	for _, v := range []*document.Value{low, high, w.replicas()} {
		if n, ok := integer(v); ok && n < 0 && w.wrote(v) {
			v = w.original(v)
			p.Reportf(v, "%s of %s is %d, which must not be negative", v.Name(), w.name, n)
			return
		}
	}
	noScaling(p, w, low)
	noScaling(p, w, high)
	m, okLow := integer(low)
	n, okHigh := integer(high)
	if !okLow || !okHigh || m <= n || n == 0 || !w.wrote(low) && !w.wrote(high) {
		return
	}
	f := p.Reportf(w.place(low, high), "the autoscaler of %s has a minimum of %d%s and a maximum of %d%s; the API server refuses it",
		w.name, m, w.origin(low), n, w.origin(high))
	if !truth(w.values.Field("autoscaleEnabled")) {
		f.Severity = finding.Warning
		f.Message = "autoscaling of " + w.name + " is off; if it is switched on, its minimum is above its maximum and the API server refuses it"
	}
	if w.wrote(low) && w.wrote(high) {
		f.Related = []finding.Related{{Message: "the maximum stands here", At: w.original(high).Location()}}
	}
}

// noScaling reports a bound of 0 where autoscaling is wanted: the charts make
// no autoscaler then; chart gateway makes one that the API server refuses.
func noScaling(p *rule.Pass, w workload, v *document.Value) {
	if n, ok := integer(v); !ok || n != 0 || !w.wrote(v) || !truth(w.values.Field("autoscaleEnabled")) {
		return
	}
	v = w.original(v)
	if w.chartGateway() {
		p.Reportf(v, "%s of %s is 0; the API server refuses an autoscaler without any pod", v.Name(), w.name)
		return
	}
	f := p.Reportf(v, "%s of %s is 0, so no autoscaler is made though autoscaling is on; set 1 or more, or autoscaleEnabled: false", v.Name(), w.name)
	f.Severity = finding.Warning
}

// utilization judges the targets of an autoscaler. They are parts of what is
// requested, so more than 100 is legal.
func utilization(p *rule.Pass, w workload) {
	targets := []*document.Value{w.values.At("cpu", "targetAverageUtilization"), w.values.At("memory", "targetAverageUtilization")}
	for _, m := range w.k8s.At("hpaSpec", "metrics").Items() {
		targets = append(targets, m.At("resource", "target", "averageUtilization"), m.At("containerResource", "target", "averageUtilization"))
	}
	for _, v := range targets {
		if n, ok := integer(v); ok && n < 1 && w.wrote(v) {
			v = w.original(v)
			p.Reportf(v, "%s of %s is %d; the API server wants at least 1 percent", v.Name(), w.name, n)
		}
	}
}

// sampling judges rates of tracing, which are percentages. Istio takes its
// default instead of one that is none.
func sampling(p *rule.Pass, c *snapshot.Config) {
	rates := []*document.Value{c.Values().At("pilot", "traceSampling")}
	if c.Chart == "istiod" {
		rates = append(rates, c.Root.Field("traceSampling"))
	}
	for _, mesh := range c.MeshConfigs() {
		rates = append(rates, mesh.At("defaultConfig", "tracing", "sampling"))
	}
	for _, v := range rates {
		if n, ok := number(v); ok && (n < 0 || n > 100) {
			p.Reportf(v, "%s is %s, but it is a percentage from 0 to 100", v.Name(), v.Text)
		}
	}
}

// proxyNumbers judges the probes and ports that are written into every pod.
func proxyNumbers(p *rule.Pass, c *snapshot.Config) {
	proxy := c.Values().At("global", "proxy")
	atLeastOne := []*document.Value{
		proxy.Field("readinessPeriodSeconds"), proxy.Field("readinessFailureThreshold"), proxy.At("startupProbe", "failureThreshold"),
		c.Values().At("cni", "resourceQuotas", "pods"), c.Values().At("ztunnel", "resourceQuotas", "pods"),
	}
	if c.Chart == "cni" || c.Chart == "ztunnel" {
		atLeastOne = append(atLeastOne, c.Root.At("resourceQuotas", "pods"))
	}
	for _, v := range atLeastOne {
		if n, ok := integer(v); ok && n < 1 {
			p.Reportf(v, "%s is %d, but must be at least 1", v.Name(), n)
		}
	}
	if v := proxy.Field("readinessInitialDelaySeconds"); v != nil {
		if n, ok := integer(v); ok && n < 0 {
			p.Reportf(v, "%s is %d, which must not be negative", v.Name(), n)
		}
	}
	// 0 switches the status port off.
	if v := proxy.Field("statusPort"); v != nil {
		if n, ok := integer(v); ok && (n < 0 || n > 65535) {
			p.Reportf(v, "statusPort is %d, but ports go up to 65535", n)
		}
	}
}
