package scope

import (
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func selectsNothing() *rule.Rule {
	return &rule.Rule{
		ID: "SCP004", Name: "selects-nothing", Category: category, Severity: finding.Warning,
		Stages: analyze(),
		Needs: workloadParts(snapshot.Sole, snapshot.Sidecars, snapshot.DestinationRules, snapshot.ServiceEntries, snapshot.EnvoyFilters, snapshot.AuthorizationPolicies,
			snapshot.PeerAuthentications, snapshot.RequestAuths, snapshot.Telemetries, snapshot.WasmPlugins, snapshot.ProxyConfigs,
			snapshot.WorkloadEntries, snapshot.WorkloadGroups, snapshot.KubernetesGateways),
		Summary: "The selector of an object fits no workload.",
		Why:     "The object does nothing: a policy protects nobody, a setting has no effect.",
		Fix:     "Write labels that the pods have, in the namespace of the pods.",
		Hints:   []string{"X3", "X6"}, Equivalents: []string{"IST0101", "IST0127", "KIA0004"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			all := selections(p)
			if len(all) == 0 {
				p.Lookedf("no selectors")
				return
			}
			runs := running(m)
			for _, s := range all {
				namespace := s.object.GetNamespace()
				if s.everywhere && namespace == m.Root {
					namespace = ""
				}
				if runs.any(namespace, s.labels) || installed(m, s.labels) {
					continue
				}
				if m.Elsewhere(s.labels) {
					p.Undecidedf("the Istio installation is not among the files, and may bring gateways that some selectors fit")
					continue
				}
				if by := m.MadeByOther(namespace, s.labels); by != "" {
					p.Undecidedf("what some selectors fit is made by objects of kinds that are not read, such as %s", by)
					continue
				}
				where := "in namespace " + namespace
				if namespace == "" {
					where = "anywhere"
				}
				besides := ""
				if runs.any("", s.labels) {
					besides = ", which only workloads of other namespaces have"
				}
				p.Reportf(snapshot.Place(s.object, s.path), "no workload %s has the labels %s%s, so this does nothing", where, labels.Set(s.labels), besides)
			}
			p.Lookedf("%s", finding.Count(len(all), "selector"))
		},
	}
}

// running is what the mesh's objects may select: pods, machines outside of
// Kubernetes, and what istiod makes for Gateways of the Gateway API.
func running(m *mesh.Mesh) labelled {
	out := labelled{}
	for _, w := range m.Workloads() {
		out.add(w.Namespace(), w.Labels)
	}
	for _, e := range m.WorkloadEntries {
		both := maps.Clone(e.Spec.GetLabels())
		if both == nil {
			both = map[string]string{}
		}
		maps.Copy(both, e.Labels)
		out.add(e.Namespace, both)
	}
	for _, g := range m.WorkloadGroups {
		out.add(g.Namespace, g.Spec.GetMetadata().GetLabels())
	}
	for _, g := range m.KubernetesGateways {
		own := maps.Clone(g.Labels)
		if own == nil {
			own = map[string]string{}
		}
		if g.Spec.Infrastructure != nil {
			for k, v := range g.Spec.Infrastructure.Labels {
				own[string(k)] = string(v)
			}
		}
		for _, key := range []string{"gateway.networking.k8s.io/gateway-name", "istio.io/gateway-name"} {
			own[key] = g.Name
		}
		out.add(g.Namespace, own)
	}
	return out
}

// installed says whether labels may be those of gateways that an installation
// file among the inputs brings.
func installed(m *mesh.Mesh, labels map[string]string) bool {
	return m.InstallsGateways() && (labels["istio"] != "" || strings.HasPrefix(labels["app"], "istio-"))
}
