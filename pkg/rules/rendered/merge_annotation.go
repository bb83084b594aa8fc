package rendered

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

// mergeMetrics is the annotation with which pods decide for themselves whether
// their metrics are merged with the proxy's.
const mergeMetrics = "prometheus.istio.io/merge-metrics"

func mergeAnnotation() *rule.Rule {
	return &rule.Rule{
		ID: "TEL003", Name: "merge-annotation", Category: "Observability", Severity: finding.Warning, Net: true,
		Stages: validate(), Needs: needs(),
		Summary:     "The annotation that decides about merging metrics stands where nothing reads it, or has a value that is no boolean.",
		Why:         "Only the injector reads it, from pods: elsewhere metrics are merged all the same, and a pod with another value is refused.",
		Fix:         `Write "true" or "false" in the annotations of the pods, such as podAnnotations.`,
		Hints:       []string{"S7"},
		Equivalents: []string{"IST0107"},
		Run:         func(p *rule.Pass) { each(p, single(mergeProblems)) },
	}
}

func mergeProblems(o *unstructured.Unstructured) []problem {
	template, workload := podTemplate(o)
	decided, onPods := template.Annotations[mergeMetrics]
	var out []problem
	if v, ok := o.GetAnnotations()[mergeMetrics]; ok && o.GetKind() != "Pod" && !(workload && onPods) {
		out = append(out, problem{path: "metadata.annotations." + mergeMetrics, text: v, severity: finding.Warning,
			message: mergeMetrics + " stands on the object, and only pods are asked for it; set it in their annotations"})
	}
	if _, err := strconv.ParseBool(decided); onPods && err != nil && isInjected(template.Labels) {
		out = append(out, problem{path: "spec.template.metadata.annotations." + mergeMetrics, text: decided, severity: finding.Error,
			message: fmt.Sprintf(`%s is %q, so the injector refuses the pods; write "true" or "false"`, mergeMetrics, cut(decided))})
	}
	return out
}

// isInjected says whether the injector fills in the pods of a gateway.
func isInjected(labels map[string]string) bool { return labels["sidecar.istio.io/inject"] == "true" }
