package live

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func revisionsWork() *rule.Rule {
	return &rule.Rule{
		ID: "POST010", Name: "revisions-and-tags-work", Category: "Probes", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.RevisionProbes},
		Summary: "A dry run that a webhook of some revision or tag matches is neither injected nor refused as it should be.",
		Why:     "Namespaces of that revision or tag start pods outside the mesh or not at all, or take broken configuration.",
		Fix:     "Check the istiod that the webhook calls (POST008, POST009), or delete the tag or revision if it is not used any more.",
		Hints:   []string{"S1", "S8"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, probe := range p.RevisionProbes {
				at := probe.For.Location()
				switch {
				case probe.Failed != "" && leadsNowhere(p, probe.For):
					p.Undecidedf("%s asks a revision that does not run", probe.For) // POST031 reports it
				case probe.Unreached():
					p.Reportf(at, "the API server cannot call the webhook of revision %s: %s", probe.Revision, probe.Failed)
				case probe.Failed != "":
					p.Undecidedf("%s: %s", probe.For, probe.Failed)
				case probe.Name == snapshot.ValidationProbe:
					looked += refuses(p, probe)
				case probe.Denied != "":
					p.Undecidedf("%s: an admission webhook refused the probe's pod: %s", probe.For, probe.Denied)
				case proxyImage(probe.Object) == "":
					p.Reportf(at, "a pod in namespace %s that %s matches came back without a sidecar", probe.Namespace, probe.For)
				default:
					looked++
				}
			}
			if len(p.RevisionProbes) == 0 {
				p.Undecidedf("no istiod has a webhook")
			}
			p.Lookedf("%s of all revisions and tags at work", finding.Count(looked, "webhook configuration"))
		},
	}
}

// refuses judges the dry run of an invalid VirtualService, and counts it where
// all is well.
func refuses(p *rule.Pass, probe snapshot.Probe) int {
	switch {
	case probe.Denied == "":
		p.Reportf(probe.For.Location(), "an invalid VirtualService that %s matches was accepted", probe.For)
	case !strings.Contains(probe.Denied, "validation.istio.io"):
		p.Undecidedf("%s: another webhook refused the probe: %s", probe.For, probe.Denied)
	default:
		return 1
	}
	return 0
}
