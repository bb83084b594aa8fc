package scope

import (
	"cmp"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// manyServices is from how many services on a Sidecar pays.
const manyServices = 50

// workloadParts are what the index of workloads rests on.
func workloadParts(more ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{
		snapshot.Namespaces, snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets, snapshot.ReplicaSets, snapshot.Jobs, snapshot.CronJobs, snapshot.Pods,
	}, more...)
}

func noSidecar() *rule.Rule {
	return &rule.Rule{
		ID: "SDC002", Name: "no-sidecar-resource", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: workloadParts(snapshot.Whole, snapshot.Sidecars, snapshot.Services, snapshot.ServiceEntries),
		Summary: "Namespaces of the mesh have no Sidecar, nor has the root namespace, and their proxies are told of more than 50 services, or as many as the configuration file says.",
		Why:     "Every proxy holds the configuration of all services and gets every change of them, which costs memory and time.",
		Fix:     "Write a Sidecar without workloadSelector that lists what the namespace needs, or one for all in the root namespace.",
		Hints:   []string{"X3"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			if m.SidecarOf(m.Root) != nil {
				p.Lookedf("namespace %s has a Sidecar", m.Root)
				return
			}
			public, private := seen(m)
			limit := cmp.Or(p.Settings.ManyServices, manyServices)
			var bare []string
			most := 0
			for _, ns := range p.Namespaces {
				count := public + private[ns.Name]
				if count > limit && ns.Name != m.Root && m.SidecarOf(ns.Name) == nil && joined(m, ns.Name) {
					bare = append(bare, ns.Name)
					most = max(most, count)
				}
			}
			if len(bare) > 0 {
				at := snapshot.Key{Kind: "Namespace", Name: slices.Min(bare)}
				p.Reportf(at, "proxies are told of up to %d services in namespaces without a Sidecar: %s; write one that lists what they need", most, rule.Some(bare))
			}
			p.Lookedf("%s, %d services seen everywhere", finding.Count(len(p.Namespaces), "namespace"), public)
		},
	}
}

// seen counts the services that everybody sees, and those that only some
// namespaces see.
func seen(m *mesh.Mesh) (public int, private map[string]int) {
	private = map[string]int{}
	for _, s := range m.Registry() {
		if s.Visible.All() {
			public++
			continue
		}
		for _, ns := range s.Visible.Namespaces() {
			private[ns]++
		}
	}
	return public, private
}

// joined says whether some workload of a namespace has a sidecar.
func joined(m *mesh.Mesh, namespace string) bool {
	return slices.ContainsFunc(m.WorkloadsOf(namespace), func(w *mesh.Workload) bool { return m.HasSidecar(w) == mesh.Yes })
}
