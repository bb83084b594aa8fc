package workloads

import (
	"strings"

	"istio.io/api/annotation"
	"istio.io/istio/pkg/kube/inject"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func proxyConfigAnnotation() *rule.Rule {
	return &rule.Rule{
		ID: "ANN005", Name: "proxy-config-annotation", Category: annotations, Severity: finding.Error,
		Stages: analyze(), Needs: pods(),
		Summary: "proxy.istio.io/config holds a field or a value that this Istio does not have.",
		Why:     "istiod leaves unknown fields out without a word, and refuses pods whose values it cannot read.",
		Fix:     "Correct the name or the value, as in meshConfig.defaultConfig.",
		Hints:   []string{"S10"}, Equivalents: []string{"IST0125"},
		Run: func(p *rule.Pass) {
			told := map[string]string{} // what is wrong, by the text: thousands of pods share one
			m, looked := mesh.Of(p.Snapshot), 0
			for _, w := range m.Workloads() {
				text := w.Annotations[annotation.ProxyConfig.Name]
				if text == "" || m.HasSidecar(w) == mesh.No {
					continue
				}
				looked++
				wrong, ok := told[text]
				if !ok {
					wrong = proxyConfigProblem(text, p.Target.Istio)
					told[text] = wrong
				}
				if wrong != "" {
					a := annotated{object: w.Object, path: w.Path}
					p.Reportf(a.at(annotation.ProxyConfig.Name), "%s: %s", annotation.ProxyConfig.Name, wrong)
				}
			}
			p.Lookedf("%s with proxy.istio.io/config", finding.Count(looked, "workload"))
		},
	}
}

// proxyConfigProblem says what is wrong with a proxy's configuration; "" if
// nothing is.
func proxyConfigProblem(text string, istio facts.Minor) string {
	if err := inject.AnnotationValidation[annotation.ProxyConfig.Name](text); err != nil {
		return "istiod refuses the pods: " + oneLine(err) + "; correct it"
	}
	const parent = "defaultConfig"
	whole := parent + ":\n  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
	var wrong []string
	for _, d := range document.Parse(parent, []byte(whole)) {
		if d.Root == nil || len(d.Problems) > 0 {
			return ""
		}
		for _, issue := range schema.Check(d.Root, facts.MeshConfig, istio) {
			if issue.Class != schema.Unknown && issue.Class != schema.Removed {
				continue
			}
			field := strings.TrimPrefix(issue.Value.Path(), parent+".")
			if issue.Suggestion != "" {
				field += " (did you mean " + issue.Suggestion + "?)"
			}
			wrong = append(wrong, field)
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return "Istio " + istio.String() + " has no field " + rule.First(wrong) + " and leaves it out; correct the name or remove it"
}
