package cluster

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalControlPlanes() *rule.Rule {
	return &rule.Rule{
		ID: "PRE008", Name: "several-control-planes", Category: "Istio", Severity: finding.Warning,
		Stages:      []rule.Stage{rule.Precheck},
		Needs:       []snapshot.Part{snapshot.ControlPlanes, snapshot.Webhooks, snapshot.Configuration},
		Summary:     "Another control plane runs in the cluster, or a revision tag points to one that does not.",
		Why:         "Namespaces may be injected by a control plane that nobody meant, or by none.",
		Fix:         "Look at `meshctl tag list`, and remove control planes and tags that are no longer used.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0139"},
		Run: func(p *rule.Pass) {
			wanted, home := map[string]bool{}, map[string]bool{}
			for _, c := range p.Configs {
				wanted[cmp.Or(c.Revision(), "default")] = true
				home[c.Namespace()] = true
			}
			running, others := map[string]bool{}, 0
			for _, d := range p.ControlPlanes {
				if !wanted[cmp.Or(d.GetLabels()["istio.io/rev"], "default")] && d.GetNamespace() != facts.AzureMesh {
					others++
				}
			}
			joins := !slices.ContainsFunc(p.Configs, func(c *snapshot.Config) bool { return c.ComponentEnabled("pilot") })
			for _, d := range p.ControlPlanes {
				rev := cmp.Or(d.GetLabels()["istio.io/rev"], "default")
				running[rev] = true
				switch {
				case d.GetNamespace() == facts.AzureMesh: // PLT010 speaks of it
				case wanted[rev] && home[d.GetNamespace()], joins: // a gateway alone needs the one that runs
				case others == 1 && !wanted[rev] && home[d.GetNamespace()] && near(p, d):
					f := p.Reportf(snapshot.Place(d, "metadata.labels"), "control plane of revision %s runs beside the one to be installed, as in a canary upgrade; uninstall it once nothing uses it", rev)
					f.Severity = finding.Info
				default:
					p.Reportf(snapshot.Place(d, "metadata.labels"), "control plane of revision %s runs in namespace %s beside the one to be installed", rev, d.GetNamespace())
				}
			}
			danglingTags(p, running, wanted)
			p.Lookedf("control planes in the cluster: %d, webhook configurations: %d", len(p.ControlPlanes), len(p.Webhooks))
		},
	}
}

// near says whether a control plane is at most two minors away from the one to
// be installed, as far as Istio tests canary upgrades.
func near(p *rule.Pass, d *unstructured.Unstructured) bool {
	minor, err := snapshot.ControlPlaneMinor(d)
	apart := p.Target.Istio.Minor - minor.Minor
	return err == nil && minor.Major == p.Target.Istio.Major && max(apart, -apart) <= 2
}

// danglingTags reports tags whose revision neither runs nor is to be
// installed.
func danglingTags(p *rule.Pass, running, wanted map[string]bool) {
	var seen []string
	for _, w := range p.Webhooks {
		tag, rev := w.GetLabels()["istio.io/tag"], w.GetLabels()["istio.io/rev"]
		if tag == "" || running[rev] || wanted[rev] || slices.Contains(seen, tag) || elsewhere(w) {
			continue
		}
		seen = append(seen, tag)
		p.Reportf(snapshot.Place(w, "metadata.labels"), "revision tag %s points to revision %s, which has no control plane", tag, rev)
	}
}

// elsewhere says whether a webhook is called by an address, as where its control
// plane is not in this cluster.
func elsewhere(w *unstructured.Unstructured) bool {
	return slices.ContainsFunc(snapshot.AdmissionWebhooks(w), func(hook map[string]any) bool {
		_, found, _ := unstructured.NestedString(hook, "clientConfig", "url")
		return found
	})
}
