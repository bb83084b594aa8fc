package ambient

import (
	selectors "istio.io/api/type/v1beta1"
	telemetry "istio.io/client-go/pkg/apis/telemetry/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func ignoredPolicy() *rule.Rule {
	return &rule.Rule{
		ID: "AMB002", Name: "policy-nobody-reads", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: append(mesh.EdgeParts(), snapshot.Namespaces, snapshot.RequestAuths, snapshot.WasmPlugins, snapshot.Telemetries),
		Summary:     "A RequestAuthentication, WasmPlugin or Telemetry is for workloads in ambient mode only, and no waypoint reads it.",
		Why:         "ztunnel knows none of them, and waypoints take only those that name them or a Service in targetRefs, so that it has no effect.",
		Fix:         "Name the Service or the waypoint in targetRefs, and have the service use a waypoint; a Telemetry for a namespace needs a waypoint there.",
		Equivalents: []string{"KIA1110", "KIA1111", "KIA1112", "KIA1115", "KIA1116", "KIA1117"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			s, looked := newSelector(m), 0
			proxies := proxied(p, m)
			read := func(o snapshot.Object, policy targeting) {
				looked++
				wanted := policy.GetSelector().GetMatchLabels()
				if len(mesh.Targets(policy)) > 0 || o.GetNamespace() == m.Root {
					return
				}
				if found := s.of(o.GetNamespace(), wanted); found.ambient > 0 && found.others == 0 && !gatewayIn(m, o.GetNamespace(), wanted) {
					who := "waypoints take only those with targetRefs"
					if _, space := o.(*telemetry.Telemetry); space && len(wanted) == 0 {
						who = "no waypoint runs in namespace " + o.GetNamespace()
					}
					p.Reportf(snapshot.Place(o, "spec"), "nobody reads this%s: ztunnel knows no %s, and %s", forWhom(found), snapshot.KeyOf(o).Kind, who)
				}
			}
			for _, o := range p.RequestAuths {
				read(o, &o.Spec)
			}
			for _, o := range p.WasmPlugins {
				read(o, &o.Spec)
			}
			for _, o := range p.Telemetries {
				if len(o.Spec.GetSelector().GetMatchLabels()) > 0 || !proxies[o.Namespace] {
					read(o, &o.Spec) // without a selector waypoints and gateways of the namespace take it
				}
			}
			p.Lookedf("%s, none for workloads that do not read it", finding.Count(looked, "policy"))
		},
	}
}

// targeting is a policy that selects workloads or names targets.
type targeting interface {
	GetSelector() *selectors.WorkloadSelector
	GetTargetRef() *selectors.PolicyTargetReference
	GetTargetRefs() []*selectors.PolicyTargetReference
}

// proxied are the namespaces that waypoints or gateways may run in.
func proxied(p *rule.Pass, m *mesh.Mesh) map[string]bool {
	out := map[string]bool{}
	for _, e := range m.Edges() {
		out[e.Namespace] = true
	}
	for _, g := range p.KubernetesGateways {
		out[g.Namespace] = true
	}
	whole, reason := p.Has(snapshot.Whole)
	for _, o := range p.Telemetries {
		if !whole && !out[o.Namespace] && len(o.Spec.GetSelector().GetMatchLabels()) == 0 {
			p.Undecidedf("%s", reason)
			out[o.Namespace] = true
		}
	}
	return out
}

// gatewayIn says whether labels select a gateway of a namespace, which reads
// policies with selectors.
func gatewayIn(m *mesh.Mesh, namespace string, wanted map[string]string) bool {
	for _, e := range m.EdgesWith(wanted) {
		if e.Namespace == namespace && e.Class == mesh.EdgeClass {
			return true
		}
	}
	return false
}
