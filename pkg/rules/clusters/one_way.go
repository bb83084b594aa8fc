package clusters

import (
	"fmt"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func oneWay() *rule.Rule {
	r := about(rule.Rule{
		ID: "MC007", Name: "one-way-discovery", Severity: finding.Warning,
		Summary: "The control plane of one cluster reads another, and that one's does not read it.",
		Why:     "Clients of the second cluster never get endpoints of the first, and have nowhere to fail over to.",
		Fix:     "Apply a remote secret in both directions (istioctl create-remote-secret).",
	}, func(*rule.Pass, *group) {})
	run := r.Run
	r.Run = func(p *rule.Pass) {
		run(p)
		f := snapshot.Derived(p.Snapshot, newFleet)
		for _, g := range f.meshes {
			for _, m := range g.primaries() {
				f.lacking(p, g, m)
			}
		}
	}
	return r
}

// lacking reports the clusters that read a member and that it does not read.
func (f *fleet) lacking(p *rule.Pass, g *group, m *member) {
	if ok, why := m.Has(snapshot.Secrets); !ok {
		p.Undecidedf("%s: %s", m.name, why)
		return
	}
	var unread []string
	for _, other := range g.primaries() {
		if f.knows(other.remotes[m.Identity.ClusterID], other, m) && f.knows(true, m, other) && !m.remotes[other.Identity.ClusterID] {
			unread = append(unread, fmt.Sprintf("%s (%q)", other.name, other.Identity.ClusterID))
		}
	}
	if len(unread) > 0 && !m.Identity.PeersInFiles {
		p.Reportf(m.root(""), "there is no remote secret for %s here, though one for this cluster there: proxies here get no endpoints of it; apply one", rule.First(unread))
	}
}
