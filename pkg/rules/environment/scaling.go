package environment

import (
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noMetricsAPI() *rule.Rule {
	return &rule.Rule{
		ID: "PRE018", Name: "no-metrics-api", Category: "Nodes", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.APIServices},
		Summary: "The installation has autoscalers, and the cluster serves no metrics for them.",
		Why:     "An autoscaler that knows no use of CPU or memory never adds a pod: it stays at its minimum, whatever the load.",
		Fix:     "Install the metrics server, or set replicas and switch autoscaleEnabled off.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			var who []string
			for _, m := range p.Rendered {
				if hpa := autoscaler(m.Object); hpa != nil && needsMetrics(hpa) {
					who = append(who, hpa.Namespace+"/"+hpa.Name)
				}
			}
			p.Lookedf("%s by CPU or memory", finding.Count(len(who), "autoscaler"))
			if len(who) == 0 {
				return
			}
			i := slices.IndexFunc(p.APIServices, func(o *unstructured.Unstructured) bool { return o.GetName() == metricsAPI })
			if i < 0 {
				p.Reportf(finding.Location{Object: "APIService/" + metricsAPI}, "the cluster has no metrics API, so that the autoscalers %s stay at their minimum", named(who))
				return
			}
			if why := unavailable(p.APIServices[i]); why != "" {
				p.Reportf(snapshot.Place(p.APIServices[i], "status.conditions"), "the metrics API does not answer (%s), so that the autoscalers %s stay at their minimum", why, named(who))
			}
		},
	}
}

const metricsAPI = "v1beta1.metrics.k8s.io"

// needsMetrics says whether an autoscaler goes by CPU or memory only; others
// have sources of their own.
func needsMetrics(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	return !slices.ContainsFunc(hpa.Spec.Metrics, func(m autoscalingv2.MetricSpec) bool {
		return m.Type != autoscalingv2.ResourceMetricSourceType && m.Type != autoscalingv2.ContainerResourceMetricSourceType
	})
}

// unavailable is why an API that another server brings does not answer; "" if
// it does.
func unavailable(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["type"] != "Available" {
			continue
		}
		if condition["status"] == "True" {
			return ""
		}
		reason, _ := condition["reason"].(string)
		message, _ := condition["message"].(string)
		return joined(reason, message)
	}
	return "its state is not known"
}

func joined(reason, message string) string {
	if reason == "" || message == "" {
		return reason + message
	}
	return reason + ": " + message
}
