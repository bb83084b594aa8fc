package live

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func validationWorks() *rule.Rule {
	return &rule.Rule{
		ID: "POST005", Name: "validation-works", Category: "Probes", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Probes},
		Summary: "An invalid VirtualService, sent as a dry run, is not refused by istiod.",
		Why:     "Broken routes would be accepted and reach every proxy.",
		Fix:     "Check the validating webhooks (POST002), istiod's log, and the network between API server and port 15017.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			for _, probe := range p.Probes {
				if probe.Name != snapshot.ValidationProbe {
					continue
				}
				at := finding.Location{Object: "VirtualService/" + probe.Namespace + "/(dry run)"}
				switch {
				case probe.Failed != "":
					failedProbe(p, at, probe)
				case probe.Denied == "":
					p.Reportf(at, "an invalid VirtualService was accepted: no webhook of istiod refused it")
				case !strings.Contains(probe.Denied, "validation.istio.io"):
					p.Undecidedf("another webhook refused the probe: %s", probe.Denied)
				default:
					p.Lookedf("a VirtualService with a negative weight was refused by validation.istio.io")
				}
			}
		},
	}
}

// failedProbe tells a webhook that could not be called, which is the fault
// looked for, from a probe that was stopped on its way.
func failedProbe(p *rule.Pass, at finding.Location, probe snapshot.Probe) {
	if probe.Unreached() {
		p.Reportf(at, "the API server cannot call istiod's webhook: %s", probe.Failed)
		return
	}
	p.Undecidedf("the probe could not be sent: %s", probe.Failed)
}
