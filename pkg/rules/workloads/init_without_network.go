package workloads

import (
	"istio.io/api/annotation"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func initWithoutNetwork() *rule.Rule {
	return &rule.Rule{
		ID: "INIT001", Name: "init-without-network", Category: initial, Severity: finding.Warning,
		Stages: analyze(), Needs: pods(),
		Summary: "With Istio CNI, an init container runs when traffic is redirected already and before the sidecar is there.",
		Why:     "What it sends goes to a proxy that does not listen yet, and is lost; native sidecars, the default since Istio 1.27 with Kubernetes 1.33, start earlier.",
		Fix:     "Use native sidecars, or run the init container as user 1337, or exclude the addresses or ports that it needs by annotation.",
		Hints:   []string{"P1"},
		Run: func(p *rule.Pass) {
			m, in := mesh.Of(p.Snapshot), injectorOf(p)
			looked := 0
			for _, w := range applications(m) {
				first, all := reaching(w)
				if all == 0 || m.HasSidecar(w) == mesh.No || excludes(w) {
					continue
				}
				looked++
				if !in.told && !in.cni {
					p.Undecidedf("whether Istio CNI redirects traffic is not known: give the IstioOperator or the Helm values too")
					continue
				}
				if !in.cni || in.excludes || !surely(p, m, w) {
					continue
				}
				switch nativeSidecar(p, in, w) {
				case mesh.Unknown:
					p.Undecidedf("whether sidecars are native depends on the version of Kubernetes, which is not known")
				case mesh.No:
					p.Reportf(w.At(first.Path), "init container %s runs before the sidecar while Istio CNI redirects its traffic already, so it has no network%s; use native sidecars, run it as user 1337, or exclude what it reaches", first.Name, more(all))
				}
			}
			p.Lookedf("%s with init containers and a sidecar", finding.Count(looked, "workload"))
		},
	}
}

// reaching are the init containers that are redirected: not those that run as
// the proxy's user. Those that stay can try again when the sidecar is there.
func reaching(w *mesh.Workload) (first mesh.Container, all int) {
	if len(w.Spec.InitContainers) == 0 {
		return mesh.Container{}, 0
	}
	for _, c := range w.AppContainers() {
		if !c.Init {
			continue
		}
		if id, _ := user(w, c); id != nil && *id == proxyID {
			continue
		}
		if all == 0 {
			first = c
		}
		all++
	}
	return first, all
}

// excludes says whether a workload takes some of its outbound traffic out.
func excludes(w *mesh.Workload) bool {
	a := w.Annotations
	include, includes := a[annotation.SidecarTrafficIncludeOutboundIPRanges.Name]
	return a[annotation.SidecarTrafficExcludeOutboundIPRanges.Name] != "" || a[annotation.SidecarTrafficExcludeOutboundPorts.Name] != "" ||
		includes && include != "*" || a[annotation.SidecarInterceptionMode.Name] == "NONE"
}
