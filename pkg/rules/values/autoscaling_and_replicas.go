package values

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func autoscalingAndReplicas() *rule.Rule {
	return &rule.Rule{
		ID: "VAL014", Name: "autoscaling-and-replicas", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "A number of replicas is set for a workload that an autoscaler sizes.",
		Why:     "The charts ignore the number, and istioctl sets it anew with every installation, against the autoscaler.",
		Fix:     "Set the autoscaler's minimum instead, remove the number where that is set, or switch autoscaling off.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, w := range workloads(c) {
					replicasIgnored(p, w)
				}
			}
		},
	}
}

func replicasIgnored(p *rule.Pass, w workload) {
	v := w.replicas()
	n, ok := integer(v)
	if !ok || !w.wrote(v) || !w.autoscaled() || n < 1 {
		return
	}
	patched := w.operator && v == w.k8s.Field("replicaCount")
	low, known := integer(w.min())
	switch {
	case n == 1 && (!patched || known && low == 1): // what the default is anyway
	case patched:
		p.Reportf(w.original(v).Key(), "replicaCount %d: autoscaling is on for %s%s, so every installation sets %d pods and the autoscaler changes it back; %s",
			n, w.name, byDefault(w), n, w.instead())
	default:
		p.Reportf(w.original(v).Key(), "replicaCount %d is ignored: autoscaling is on for %s%s; %s", n, w.name, byDefault(w), w.instead())
	}
}

func byDefault(w workload) string {
	if w.wrote(w.values.Field("autoscaleEnabled")) {
		return ""
	}
	return " by default"
}

// instead says what to do about a number of replicas that does not count.
func (w workload) instead() string {
	if w.wrote(w.min()) {
		return "remove it, the autoscaler's minimum is " + w.min().Text
	}
	return "set " + w.minimum()
}

// minimum names the field that holds the autoscaler's minimum.
func (w workload) minimum() string {
	v := w.min()
	switch {
	case w.k8s.Field("replicaCount") != nil || v != nil && v == w.k8s.At("hpaSpec", "minReplicas"):
		return "hpaSpec.minReplicas"
	case w.operator || w.name == "istiod":
		return "autoscaleMin"
	}
	return "autoscaling.minReplicas"
}
