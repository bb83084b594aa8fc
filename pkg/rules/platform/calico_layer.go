package platform

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// calicoLayer goes by Tigera's pages: application layer policies go along with
// no service mesh, the web application firewall of workloads not with ambient
// mode.
func calicoLayer() *rule.Rule {
	return &rule.Rule{
		ID: "CNI011", Name: "calico-application-layer", Category: "Platform", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CalicoLayers},
		Summary: "Calico looks into requests itself, by application layer policies or a firewall of workloads, which Tigera does not support with Istio.",
		Why:     "Two proxies take the same connections: policies of one see the encrypted traffic of the other, or pods cannot be reached.",
		Fix:     "Switch the field of ApplicationLayer tigera-secure off that the message names, and use AuthorizationPolicy instead.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("%s of Calico", finding.Count(len(p.CalicoLayers), "ApplicationLayer"))
			if !installed(p, "pilot") && !installed(p, "ztunnel") {
				return
			}
			for _, o := range p.CalicoLayers {
				for _, field := range layerFields(installed(p, "ztunnel")) {
					if on, _, _ := unstructured.NestedString(o.Object, "spec", field); on == "Enabled" {
						p.Reportf(snapshot.Place(o, "spec."+field), "Calico's %s is Enabled, which does not work together with Istio; set it to Disabled", field)
					}
				}
			}
		},
	}
}

// layerFields are those that Istio cannot live with. Logs are collected
// without a proxy in front of pods.
func layerFields(ambient bool) []string {
	fields := []string{"applicationLayerPolicy", "sidecarInjection"}
	if ambient {
		fields = append(fields, "webApplicationFirewall")
	}
	return fields
}
