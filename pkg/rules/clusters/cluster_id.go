package clusters

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func clusterID() *rule.Rule {
	return about(rule.Rule{
		ID: "MC003", Name: "same-cluster-id", Severity: finding.Error,
		Summary: "Two clusters of a mesh have the same cluster ID.",
		Why:     "istiod ignores a remote secret with its own cluster's ID, and of two with the same ID takes one, so it does not know the other cluster's endpoints.",
		Fix:     "Give each cluster a name of its own in values.global.multiCluster.clusterName.",
	}, func(p *rule.Pass, g *group) {
		having := map[string]*member{}
		for _, m := range g.primaries() {
			id := m.Identity.ClusterID
			if first := having[id]; first != nil {
				p.Reportf(m.at(m.ControlPlanes[0], ""), "cluster ID %q is that of %s too, so neither control plane can read the other cluster: set values.global.multiCluster.clusterName", id, first.name)
				continue
			}
			if id != "" {
				having[id] = m
			}
		}
	})
}
