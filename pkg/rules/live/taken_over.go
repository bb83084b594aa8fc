package live

import (
	"cmp"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// takenOver are objects that installing another revision has taken with it, as
// a canary does with gateways: they are as that one wants them. Of chart base,
// which all revisions share, drift leaves out what differs.
type takenOver map[string][]string

// add says whether an object was taken over by a revision that runs.
func (t takenOver) add(p *rule.Pass, m snapshot.Manifest, live *unstructured.Unstructured) bool {
	if m.Config == nil || !m.Config.IsOperator() || m.Component == "Base" || live.GetLabels()["operator.istio.io/managed"] != "Reconcile" {
		return false
	}
	if ok, _ := p.Has(snapshot.ControlPlanes); !ok {
		return false
	}
	rev := cmp.Or(live.GetLabels()["istio.io/rev"], snapshot.DefaultRevision)
	if rev == cmp.Or(m.Config.Revision(), snapshot.DefaultRevision) || m.Object.GetLabels()["istio.io/rev"] == rev || !runningRevisions(p)[rev] {
		return false
	}
	t[rev] = append(t[rev], snapshot.KeyOf(live).String())
	return true
}

func (t takenOver) report(p *rule.Pass) {
	for _, rev := range slices.Sorted(maps.Keys(t)) {
		at := finding.Location{Object: t[rev][0]}
		f := p.Reportf(at, "installing revision %s has taken over %s of this installation, which is as that one wants it: %s; uninstall this one when nothing uses it any more", rev, finding.Count(len(t[rev]), "object"), rule.First(t[rev]))
		f.Severity = finding.Info
	}
}
