package live

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func mergeInEffect() *rule.Rule {
	return &rule.Rule{
		ID: "OBS009", Name: "metrics-merge-in-effect", Category: "Observability", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Probes, snapshot.Rendered},
		Summary: "Metrics of application and proxy are to be merged, and an injected pod does not tell Prometheus so.",
		Why:     "Prometheus scrapes the application's port in vain, or misses the proxy's metrics, and dashboards stay empty.",
		Fix:     "Check enablePrometheusMerge in the mesh config in effect, and custom injection templates.",
		Hints:   []string{"O3"},
		Run: func(p *rule.Pass) {
			if !merges(p) {
				p.Lookedf("the mesh config does not ask for merged metrics")
				return
			}
			for _, probe := range p.Probes {
				if probe.Name == snapshot.InjectionProbe && probe.Object != nil && injected(probe.Object) {
					annotations(p, probe)
				}
			}
			if p.Looked() == "" {
				p.Undecidedf("no probe's pod was injected")
			}
		},
	}
}

// merges says whether the rendered mesh config asks for it; it is the default.
func merges(p *rule.Pass) bool {
	for _, m := range p.Rendered {
		text, ok, _ := unstructured.NestedString(m.Object.Object, "data", "mesh")
		if !ok || m.Object.GetKind() != "ConfigMap" {
			continue
		}
		for _, d := range document.Parse("mesh", []byte(text)) {
			if d.Root.IsFalse("enablePrometheusMerge") {
				return false
			}
		}
	}
	return true
}

func injected(pod *unstructured.Unstructured) bool {
	_, ok := pod.GetAnnotations()["sidecar.istio.io/status"]
	return ok
}

// annotations compares those of the probe's pod with what the injector writes
// for merged metrics. The probe had annotations of an application before.
func annotations(p *rule.Pass, probe snapshot.Probe) {
	have, wrong := probe.Object.GetAnnotations(), []string{}
	for _, want := range [][2]string{{"prometheus.io/scrape", "true"}, {"prometheus.io/port", "15020"}, {"prometheus.io/path", "/stats/prometheus"}} {
		if have[want[0]] != want[1] {
			wrong = append(wrong, fmt.Sprintf("%s is %q, expected is %q", want[0], have[want[0]], want[1]))
		}
	}
	if len(wrong) > 0 {
		p.Reportf(finding.Location{Object: "Pod/" + probe.Namespace + "/(dry run)", Path: "metadata.annotations"},
			"an injected pod does not lead Prometheus to the merged metrics: %s", strings.Join(wrong, ", "))
	}
	p.Lookedf("an injected pod leads Prometheus to port 15020, /stats/prometheus, in place of its application's port")
}
