package rendered

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func scrapeScheme() *rule.Rule {
	return &rule.Rule{
		ID: "TEL002", Name: "scrape-over-tls", Category: "Observability", Severity: finding.Warning, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "The pods of a gateway ask to be scraped over TLS, and their metrics are merged with the proxy's.",
		Why:     "Merging sends Prometheus to port 15020, which speaks plain text, and leaves the scheme as it is, so nothing is scraped.",
		Fix:     `Remove prometheus.io/scheme, or set prometheus.istio.io/merge-metrics to "false" on the pods.`,
		Hints:   []string{"S7"},
		Run:     func(p *rule.Pass) { each(p, single(schemes)) },
	}
}

func schemes(o *unstructured.Unstructured) []problem {
	template, ok := podTemplate(o)
	a := template.Annotations
	if !ok || !isInjected(template.Labels) || a["prometheus.io/scheme"] != "https" || a["prometheus.io/scrape"] != "true" || a[mergeMetrics] == "false" {
		return nil
	}
	return []problem{{path: "spec.template.metadata.annotations.prometheus.io/scheme", text: "https", severity: finding.Warning,
		message: fmt.Sprintf("prometheus.io/scheme is https, but merged metrics are served in plain text on port 15020; remove it, or set %s to \"false\"", mergeMetrics)}}
}
