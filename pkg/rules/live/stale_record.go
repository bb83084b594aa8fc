package live

import (
	"cmp"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func staleRecord() *rule.Rule {
	return &rule.Rule{
		ID: "POST030", Name: "stale-record", Category: "Objects", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Records, snapshot.Rendered, snapshot.Live},
		Summary: "An installation was cut off, or others have changed since what meshctl recorded of it.",
		Why:     "What is in the cluster is neither the old installation nor the new one, and uninstall leaves what is not recorded.",
		Fix:     "After a run that was cut off, run `meshctl install` again with the files of the installation: it goes on from there. What another installation has taken on purpose is that one's: leave it out of these files.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, r := range p.Records {
				if !isOurs(p, r) {
					continue
				}
				looked++
				if r.Refused != "" {
					p.Undecidedf("%s", r.Refused)
					continue
				}
				unfinished(p, r)
				othersObjects(p, r)
			}
			p.Lookedf("records of this installation: %d", looked)
		},
	}
}

// isOurs says whether a record is about what is verified.
func isOurs(p *rule.Pass, r snapshot.Record) bool {
	for _, c := range p.Configs {
		if c.IsOperator() && r.Owner == snapshot.OwnerOf(c) {
			return true
		}
	}
	return r.Refused != ""
}

func unfinished(p *rule.Pass, r snapshot.Record) {
	switch r.State {
	case "applying":
		p.Reportf(r.At, "an installation that began at %s did not come to its end; meshctl install goes on with it", r.Started.Format(time.RFC3339)).Severity = finding.Error
	case "removing":
		p.Reportf(r.At, "an uninstallation did not come to its end; meshctl uninstall goes on with it, meshctl install takes it back").Severity = finding.Error
	}
}

// othersObjects finds recorded objects that carry the labels of another
// installation. What revisions share is signed by the last of them.
func othersObjects(p *rule.Pass, r snapshot.Record) {
	var taken []string
	for _, k := range r.Inventory {
		live := p.Live[k].Object
		if live == nil || live.GetLabels()["operator.istio.io/component"] == "Base" || k.Kind == "Namespace" || movedTag(live) {
			continue
		}
		if owner := snapshot.Signature(live); owner != r.Owner && !withRevision(p, owner.Revision, r.Owner.Revision) {
			taken = append(taken, k.String())
		}
	}
	if len(taken) > 0 {
		p.Reportf(r.At, "%d recorded objects carry the labels of another installation by now, so uninstall leaves them, for example %s", len(taken), taken[0])
	}
}

// withRevision says whether an object went along with another revision that runs,
// as gateways do with a canary: POST001 tells of it.
func withRevision(p *rule.Pass, now, before string) bool {
	ok, _ := p.Has(snapshot.ControlPlanes)
	return ok && now != before && runningRevisions(p)[cmp.Or(now, snapshot.DefaultRevision)]
}

// movedTag is an object of a revision tag, which people move on purpose.
func movedTag(o *unstructured.Unstructured) bool { return o.GetLabels()["istio.io/tag"] != "" }
