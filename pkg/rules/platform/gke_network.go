package platform

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// gkeNetwork goes by istio.io's page about the CNI plugin: GKE runs a chain of
// plugins where one of four features is on. Each shows as a DaemonSet: anetd
// is Dataplane V2, calico-node network policy, netd the two others.
func gkeNetwork() *rule.Rule {
	return &rule.Rule{
		ID: "CNI010", Name: "gke-cni-off", Category: "Platform", Severity: finding.Info,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Platform, snapshot.DaemonSets},
		Summary: "istio-cni is to be installed on GKE, and no feature shows that makes GKE run CNI plugins.",
		Why:     "Where nodes run no chain of plugins, istio-cni is never called, and pods fail in istio-validation or stay outside the mesh.",
		Fix:     "Switch on network policy, Dataplane V2, intranode visibility or Workload Identity for the cluster, or make sure that its nodes use CNI.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s, %s", p.Target.Platform, finding.Count(len(p.DaemonSets), "daemon set"))
			if p.Target.Platform != "gke" || !installed(p, "cni") || slices.ContainsFunc(p.DaemonSets, gkePlugin) {
				return
			}
			for _, c := range p.Configs {
				if c.ComponentEnabled("cni") {
					p.Reportf(pluginPlace(c), "istio-cni on GKE needs network policy, Dataplane V2, intranode visibility or Workload Identity, and none of their agents (calico-node, anetd, netd) runs on a node")
				}
			}
		},
	}
}

// gkePlugin wants pods: GKE creates some of its DaemonSets in every cluster,
// for nodes with a label that only the feature sets.
func gkePlugin(d *appsv1.DaemonSet) bool {
	agent := d.Namespace == systemNamespace && (d.Name == "anetd" || d.Name == "netd") || isPlugin(d)
	return agent && d.Status.DesiredNumberScheduled > 0
}
