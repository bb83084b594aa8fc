package values

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

// Amounts beyond which a unit was meant: no container of Istio lives with less
// than a mebibyte, and no node that Kubernetes runs on has so many cores.
var (
	leastMemory = resource.MustParse("1Mi")
	mostCores   = resource.MustParse("500")
)

func unitMissing() *rule.Rule {
	return &rule.Rule{
		ID: "VAL028", Name: "unit-missing", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A container asks for a few bytes of memory or for hundreds of cores, because the amount lacks its unit.",
		Why:     "A limit of bytes keeps the container from starting, a request of bytes reserves nothing, and no node has so many cores.",
		Fix:     "Write memory with Mi or Gi, and parts of a core with m.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				who := authorOf(c)
				for _, r := range containers(c) {
					for _, group := range []string{"requests", "limits"} {
						unitOf(p, r, who, r.resources.At(group, "memory"))
						unitOf(p, r, who, r.resources.At(group, "cpu"))
					}
				}
			}
		},
	}
}

func unitOf(p *rule.Pass, r container, who author, v *document.Value) {
	n, ok := amount(v)
	if !ok || !who.wrote(v) || n.Sign() <= 0 {
		return
	}
	switch {
	case v.Name() == "memory" && n.Cmp(leastMemory) < 0:
		f := p.Reportf(who.original(v), "memory of %s is %s; write %sMi", r.name, bytesIn(v.Text), strings.TrimRight(v.Text, "mk"))
		if strings.HasSuffix(v.Path(), "requests.memory") {
			f.Severity = finding.Warning
		}
	case v.Name() == "cpu" && n.Cmp(mostCores) >= 0:
		p.Reportf(who.original(v), "cpu of %s is %d cores; write %dm", r.name, n.Value(), n.Value())
	}
}

// bytesIn says what a small amount of memory means.
func bytesIn(text string) string {
	switch {
	case strings.HasSuffix(text, "m"):
		return strings.TrimSuffix(text, "m") + " thousandths of a byte"
	case strings.HasSuffix(text, "k"):
		return strings.TrimSuffix(text, "k") + " kilobytes"
	}
	return text + " bytes"
}
