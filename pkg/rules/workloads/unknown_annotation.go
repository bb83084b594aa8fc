package workloads

import (
	"fmt"
	"slices"
	"strings"

	"istio.io/api/label"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func unknownAnnotation() *rule.Rule {
	return &rule.Rule{
		ID: "ANN002", Name: "unknown-annotation", Category: annotations, Severity: finding.Warning,
		Stages: analyze(), Needs: annotatedParts(),
		Summary: "An annotation has a name in istio.io that Istio does not know, or stands where Istio does not read it.",
		Why:     "It does nothing, and nobody says so; what it was to change stays as it is.",
		Fix:     "Correct the name, or put it where it is read: for sidecars on the pods, in spec.template.metadata.",
		Hints:   []string{"S10"}, Equivalents: []string{"IST0107", "IST0108"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, a := range everything(mesh.Of(p.Snapshot)) {
				if _, ok := a.values[mesh.InjectionLabel]; ok && a.kind == "Namespace" {
					p.Reportf(a.at(mesh.InjectionLabel), "%s is a label, as an annotation it does nothing; write it into metadata.labels", mesh.InjectionLabel)
				}
				for _, name := range a.istio {
					looked++
					if wrong := misread(a, name); wrong != "" {
						p.Reportf(a.at(name), "annotation %s %s", name, wrong)
					}
				}
			}
			p.Lookedf("%s of Istio", finding.Count(looked, "annotation"))
		},
	}
}

// misread says why an annotation does nothing; "" if it does something.
func misread(a annotated, name string) string {
	if set(name) || slices.Contains(unlisted(), name) {
		return ""
	}
	def := known()[name]
	if def == nil {
		if isLabel(name) {
			return "is a label, as an annotation it does nothing; write it into metadata.labels"
		}
		if meant := schema.Suggest(name, knownNames()); meant != "" {
			return fmt.Sprintf("is not known to Istio, did you mean %s?", meant)
		}
		return "is not known to Istio and does nothing; correct the name or remove it"
	}
	kinds := standsOn(def)
	if len(kinds) == 0 || slices.Contains(kinds, a.kind) {
		return ""
	}
	if slices.Contains(kinds, "Pod") && a.object.GetObjectKind().GroupVersionKind().Kind != "Pod" && isWorkload(a.kind) {
		return fmt.Sprintf("is read on pods, and does nothing on a %s; move it to the pods' template", a.kind)
	}
	where := "a " + a.kind
	if a.kind == "Pod" {
		where = "pods"
	}
	return fmt.Sprintf("is read on %s only, and does nothing on %s; move or remove it", strings.Join(kinds, ", "), where)
}

func isWorkload(kind string) bool {
	return slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"}, kind)
}

func isLabel(name string) bool {
	return slices.ContainsFunc(label.AllResourceLabels(), func(l *label.Instance) bool { return l.Name == name })
}

// unlisted are annotations that Istio reads or sets although its list does not
// have them.
func unlisted() []string {
	return []string{
		"sidecar.istio.io/capNetBindService", "gateway.istio.io/agentgatewayImage", "proxy.istio.io/health-checks-enabled",
		"prometheus.istio.io/secure-port", "prometheus.istio.io/secure-envoy-port", "prometheus.istio.io/scrape-targets",
		"networking.istio.io/address-type", "experimental.istio.io/disable-gateway-port-translation", "istio.io/connect-strategy",
		"ambient.istio.io/xfcc-include-client-identity", "istio.io/ignore-policy-attachment", "istio.io/persistent-session",
		"istio.io/persistent-session-header", "networking.istio.io/tunnel",
	}
}
