package traffic

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func severalRules() *rule.Rule {
	return &rule.Rule{
		ID: "DR004", Name: "several-rules", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.DestinationRules},
		Summary: "Several DestinationRules of a namespace have the same host, and define a subset twice, set a traffic policy twice, or are exported differently.",
		Why:     "istiod joins them and takes what is there twice from the oldest only; from Istio 1.24 it does not join those with different exportTo, and clients work with one of them.",
		Fix:     "Merge them into one.",
		Hints:   []string{"D2"}, Equivalents: []string{"KIA0201"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			first := map[string]*joined{}
			for _, r := range m.Rules() {
				key := r.Namespace + "\x00" + r.Host + "\x00" + labels.Set(r.Spec.GetWorkloadSelector().GetMatchLabels()).String()
				if first[key] == nil {
					first[key] = &joined{subsets: map[string]*mesh.DestinationRule{}}
				}
				first[key].take(p, r)
			}
			p.Lookedf("%s, each alone with its host or joined without loss", finding.Count(len(m.Rules()), "DestinationRule"))
		},
	}
}

// joined is what rules of one host make together, the oldest first.
type joined struct {
	first, policy *mesh.DestinationRule
	subsets       map[string]*mesh.DestinationRule
}

// take adds a rule and reports what of it is lost.
func (j *joined) take(p *rule.Pass, r *mesh.DestinationRule) {
	if j.first == nil {
		j.first = r
	} else if !j.compare(p, r) {
		return
	}
	if r.Spec.GetTrafficPolicy() != nil && j.policy == nil {
		j.policy = r
	}
	for _, s := range r.Spec.GetSubsets() {
		if j.subsets[s.GetName()] == nil {
			j.subsets[s.GetName()] = r
		}
	}
}

// separately is the first Istio that keeps rules with different exportTo apart.
func separately() facts.Minor { return facts.Minor{Major: 1, Minor: 24} }

// compare says whether istiod joins the rule with those before it.
func (j *joined) compare(p *rule.Pass, r *mesh.DestinationRule) bool {
	if !sameExport(r, j.first) && !p.Target.Istio.Before(separately()) {
		if r.Visible.Overlaps(j.first.Visible) {
			p.Reportf(snapshot.Place(r.DestinationRule, "spec.host"), "%s has host %s too with another exportTo, and istiod does not join them: clients that see both work with only one", name(j.first), r.Spec.GetHost())
		}
		return false
	}
	for i, s := range r.Spec.GetSubsets() {
		if other := j.subsets[s.GetName()]; other != nil && other != r {
			p.Reportf(snapshot.Place(r.DestinationRule, fmt.Sprintf("spec.subsets[%d].name", i)), "%s defines subset %q of %s too, and only the older one counts", name(other), s.GetName(), r.Spec.GetHost())
			return true
		}
	}
	if r.Spec.GetTrafficPolicy() != nil && j.policy != nil {
		p.Reportf(snapshot.Place(r.DestinationRule, "spec.trafficPolicy"), "%s sets a trafficPolicy for %s too, and only the older one counts", name(j.policy), r.Spec.GetHost())
	}
	return true
}

func sameExport(a, b *mesh.DestinationRule) bool {
	x, y := slices.Sorted(slices.Values(a.Spec.GetExportTo())), slices.Sorted(slices.Values(b.Spec.GetExportTo()))
	return slices.Equal(slices.Compact(x), slices.Compact(y))
}
