package workloads

import (
	"slices"

	"istio.io/api/annotation"
	"istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func probeNotRewritten() *rule.Rule {
	return &rule.Rule{
		ID: "PRB001", Name: "probe-not-rewritten", Category: probes, Severity: finding.Error,
		Stages: analyze(), Needs: pods(snapshot.PeerAuthentications),
		Summary: "Probes are not rewritten, and the port that one goes to takes mTLS only.",
		Why:     "The kubelet has no certificate of the mesh: the sidecar refuses its HTTP and gRPC probes, and the pod never becomes ready.",
		Fix:     "Leave rewriting on, which is the default, or let the probe execute a command.",
		Hints:   []string{"S11"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			looked := unrewritten(p, func(w *mesh.Workload, all []probe) {
				var refused []probe
				for _, probe := range all {
					port, _ := probe.number()
					if mode, _ := m.PeerMode(w, uint32(port)); probe.kind != "tcpSocket" && mode == v1beta1.PeerAuthentication_MutualTLS_STRICT {
						refused = append(refused, probe)
					}
				}
				if len(refused) == 0 {
					return
				}
				first := refused[0]
				port, _ := first.number()
				_, by := m.PeerMode(w, uint32(port))
				p.Reportf(w.At(first.path()), "%s of container %s is not rewritten (%s), and PeerAuthentication %s/%s wants mTLS on port %d, so it fails%s; rewrite probes, or let it execute a command",
					first.name, first.container.Name, whyNotRewritten(w), by.Namespace, by.Name, port, more(len(refused)))
			})
			p.Lookedf("the probes of %s that are not rewritten", finding.Count(looked, "workload"))
		},
	}
}

func probeAlwaysPasses() *rule.Rule {
	return &rule.Rule{
		ID: "PRB003", Name: "probe-always-passes", Category: probes, Severity: finding.Warning,
		Stages: analyze(), Needs: pods(),
		Summary: "Probes are not rewritten, and one only opens a TCP connection.",
		Why:     "The sidecar accepts every connection before it asks the application, so that the probe passes whatever state that is in.",
		Fix:     "Leave rewriting on, which is the default, or let the probe execute a command.",
		Hints:   []string{"S11"},
		Run: func(p *rule.Pass) {
			looked := unrewritten(p, func(w *mesh.Workload, all []probe) {
				all = slices.DeleteFunc(all, func(p probe) bool { return p.kind != "tcpSocket" })
				if len(all) == 0 {
					return
				}
				first := all[0]
				p.Reportf(w.At(first.path()), "%s of container %s is not rewritten (%s), so the sidecar accepts its connection and it always passes%s; rewrite probes, or let it execute a command",
					first.name, first.container.Name, whyNotRewritten(w), more(len(all)))
			})
			p.Lookedf("the probes of %s that are not rewritten", finding.Count(looked, "workload"))
		},
	}
}

// unrewritten calls visit for workloads with a sidecar whose probes are not
// rewritten, with those that go through the sidecar. Where only the pod says
// so, a sidecar is taken for meant.
func unrewritten(p *rule.Pass, visit func(*mesh.Workload, []probe)) (looked int) {
	m, in := mesh.Of(p.Snapshot), injectorOf(p)
	for _, w := range applications(m) {
		if w.Injected() || in.rewrites(w) || !maybe(m, w) {
			continue
		}
		looked++
		visit(w, slices.DeleteFunc(probesOf(w), func(p probe) bool {
			port, ok := p.number()
			return !ok || p.container.Init || !captured(w, port)
		}))
	}
	return looked
}

// whyNotRewritten names what turns rewriting off.
func whyNotRewritten(w *mesh.Workload) string {
	if name := annotation.SidecarRewriteAppHTTPProbers.Name; w.Annotations[name] != "" {
		return name + ": " + w.Annotations[name]
	}
	return "values.sidecarInjectorWebhook.rewriteAppHTTPProbe: false"
}
