package traffic

import (
	"maps"
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func emptySubset() *rule.Rule {
	return &rule.Rule{
		ID: "DR002", Name: "empty-subset", Category: category, Severity: finding.Error,
		Stages:  analyze(),
		Needs:   registryParts(workloadParts(snapshot.DestinationRules, snapshot.VirtualServices, snapshot.WorkloadEntries, snapshot.WorkloadGroups, snapshot.Sole)...),
		Summary: "The labels of a subset are on no workload of the service.",
		Why:     "A route to a subset without endpoints is answered with 503.",
		Fix:     "Write the labels that the pods have, or remove the subset.",
		Hints:   []string{"D1"}, Equivalents: []string{"IST0173", "KIA0203"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			used, n := usedSubsets(m), 0
			for _, r := range m.Rules() {
				for i, s := range r.Spec.GetSubsets() {
					n++
					wanted := chosen(s)
					if len(wanted) == 0 || !unmatched(m, r, wanted) {
						continue
					}
					f := p.Reportf(snapshot.Place(r.DestinationRule, subsetPath(i)+".labels"), "no workload of %s has %s: routes to subset %q get 503", r.Spec.GetHost(), text(wanted), s.GetName())
					if !used[[2]string{r.Host, s.GetName()}] && !strings.HasPrefix(r.Host, "*") {
						f.Severity, f.Message = finding.Info, "no workload of "+r.Spec.GetHost()+" has "+text(wanted)+" of subset \""+s.GetName()+"\", to which nothing routes yet"
					}
				}
			}
			p.Lookedf("%s, all with workloads", finding.Count(n, "subset"))
		},
	}
}

// usedSubsets are those that some route leads to.
func usedSubsets(m *mesh.Mesh) map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, v := range routes(m) {
		for _, l := range v.legs {
			if l.to.GetSubset() != "" {
				out[[2]string{m.FQDN(l.to.GetHost(), v.Namespace), l.to.GetSubset()}] = true
			}
		}
	}
	return out
}

// chosen are the labels of a subset without those that istiod itself gives to
// endpoints. It gives none an empty one.
func chosen(s *api.Subset) map[string]string {
	out := maps.Clone(s.GetLabels())
	maps.DeleteFunc(out, func(k, v string) bool {
		return v != "" && (strings.HasPrefix(k, "topology.") || k == "kubernetes.io/hostname" || k == "security.istio.io/tlsMode" || strings.HasSuffix(k, "pod-template-hash"))
	})
	return out
}

// maxServices is how many services of a wildcard are looked at for workloads.
const maxServices = 500

// unmatched says whether the services of a rule have workloads, of which none
// has the labels.
func unmatched(m *mesh.Mesh, r *mesh.DestinationRule, wanted map[string]string) bool {
	some, sure, n := false, true, 0
	m.Matching(r.Host, func(s *mesh.Service) bool {
		n++
		has, known := endpoints(m, s, nil)
		if !known || n > maxServices {
			sure = false
			return false
		}
		if !has {
			return true
		}
		some = true
		if matched, known := endpoints(m, s, wanted); matched || !known {
			sure = false
		}
		return sure
	})
	return some && sure
}
