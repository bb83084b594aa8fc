package workloads

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func probePort() *rule.Rule {
	return &rule.Rule{
		ID: "PRB002", Name: "probe-port", Category: probes, Severity: finding.Error,
		Stages: analyze(), Needs: pods(),
		Summary: "A probe names a port that its container does not define.",
		Why:     "Kubernetes looks for the name in the same container only, and the injector leaves such a probe out without a word, so that it always fails.",
		Fix:     "Define the port in the container, or write its number into the probe.",
		Hints:   []string{"S11"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, w := range mesh.Of(p.Snapshot).Workloads() {
				var missing []probe
				for _, probe := range probesOf(w) {
					looked++
					if _, ok := probe.number(); !ok {
						missing = append(missing, probe)
					}
				}
				if len(missing) == 0 {
					continue
				}
				first := missing[0]
				p.Reportf(w.At(first.path()), "%s goes to port %q, which container %s does not define%s; define it or write the number", first.name, first.port.StrVal, first.container.Name, more(len(missing)))
			}
			p.Lookedf("the ports of %s", finding.Count(looked, "probe"))
		},
	}
}
