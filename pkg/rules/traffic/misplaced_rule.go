package traffic

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func misplacedRule() *rule.Rule {
	return &rule.Rule{
		ID: "DR005", Name: "misplaced-rule", Category: category, Severity: finding.Warning,
		Stages:  analyze(),
		Needs:   registryParts(workloadParts(snapshot.DestinationRules, snapshot.WorkloadEntries, snapshot.WorkloadGroups, snapshot.KubernetesGateways, snapshot.Sole)...),
		Summary: "A DestinationRule stands in a namespace in which nobody looks for it, or is not exported to those who see its host.",
		Why:     "Clients look in their own namespace, and for what is exported to them in that of the service and in the root namespace, so the rule has no effect.",
		Fix:     "Move it to the namespace of the service, or to that of its clients, and export both to the same namespaces.",
		Hints:   []string{"D2"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			inhabited := map[string]bool{m.Root: true}
			for _, g := range p.KubernetesGateways {
				inhabited[g.Namespace] = true // istiod makes pods for it
			}
			for _, r := range m.Rules() {
				if !stands(m, r.Host) {
					continue // another rule tells
				}
				if spaces := hiddenFrom(m, r); len(spaces) > 0 {
					p.Reportf(snapshot.Place(r.DestinationRule, "spec.host"), "%s is exported to %s only, and clients there do not take this rule: nobody works with it", r.Spec.GetHost(), rule.Some(spaces))
					continue
				}
				if inhabited[r.Namespace] || len(m.WorkloadsOf(r.Namespace)) > 0 || len(machinesOf(m)[r.Namespace]) > 0 || serves(m, r) {
					inhabited[r.Namespace] = inhabited[r.Namespace] || len(m.WorkloadsOf(r.Namespace)) > 0
					continue
				}
				p.Reportf(snapshot.Place(r.DestinationRule, "metadata.namespace"), "namespace %s has neither clients nor a service %s, and is not %s: nobody looks there for the rule%s", r.Namespace, r.Spec.GetHost(), m.Root, goal(m, r))
			}
			p.Lookedf("%s, all where clients look for them", finding.Count(len(m.Rules()), "DestinationRule"))
		},
	}
}

// hiddenFrom are the namespaces that see the host of a rule, where none of them takes
// the rule: it is neither theirs, nor that of the service or of the root
// namespace and exported to them.
func hiddenFrom(m *mesh.Mesh, r *mesh.DestinationRule) []string {
	var out []string
	for _, s := range m.ServicesOf(r.Host) {
		public := r.Namespace == s.Namespace || r.Namespace == m.Root
		if s.Visible.All() || s.Visible.In(r.Namespace) || public && r.Visible.Overlaps(s.Visible) {
			return nil
		}
		out = append(out, s.Visible.Namespaces()...)
	}
	return out
}

// serves says whether the namespace of a rule has a service of its host.
func serves(m *mesh.Mesh, r *mesh.DestinationRule) bool {
	suffix, wild := strings.CutPrefix(r.Host, "*")
	for _, s := range m.RegistryOf(r.Namespace) {
		if s.Host == r.Host || wild && strings.HasSuffix(s.Host, suffix) {
			return true
		}
	}
	return false
}

// goal names the namespace of the service, where the picture tells it.
func goal(m *mesh.Mesh, r *mesh.DestinationRule) string {
	if found := m.ServicesOf(r.Host); len(found) > 0 {
		return "; the service is in " + found[0].Namespace
	}
	return ""
}
