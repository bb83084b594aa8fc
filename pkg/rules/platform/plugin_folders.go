package platform

import (
	"cmp"
	"path"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// pluginFolders compares istio-cni's folders with those that the cluster's own
// CNI plugin writes to, as its DaemonSet says: what holds for the platform
// does not where somebody brought another plugin. The names of the volumes
// are those of the plugins' own manifests.
func pluginFolders() *rule.Rule {
	return &rule.Rule{
		ID: "CNI009", Name: "cni-plugin-folders", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.DaemonSets, snapshot.CRDs},
		Summary: "istio-cni would be installed into other folders than the cluster's CNI plugin, or left to a Multus that is not there.",
		Why:     "The container runtime reads one folder for configuration and one for programs; a plugin elsewhere is never run.",
		Fix:     "Set cniBinDir and cniConfDir to the folders in the message, or the provider as it says.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("the folders and agents of %d daemon sets", len(p.DaemonSets))
			multusProvider(p)
			agent := renderedAgent(p)
			if agent == nil {
				return
			}
			own := foldersOf(agent)
			for _, d := range p.DaemonSets {
				if theirs := foldersOf(d); isPlugin(d) && theirs != (folderPair{}) {
					p.Lookedf("%s writes to %s and %s", snapshot.KeyOf(d), cmp.Or(theirs.bin, none), cmp.Or(theirs.conf, none))
					differs(p, d, "cniBinDir", own.bin, theirs.bin)
					differs(p, d, "cniConfDir", own.conf, theirs.conf)
				}
			}
		},
	}
}

const none = "no folder that its manifest names"

func differs(p *rule.Pass, d *appsv1.DaemonSet, setting, own, theirs string) {
	if own != "" && theirs != "" && path.Clean(own) != path.Clean(theirs) {
		p.Reportf(snapshot.Place(d, "spec.template.spec.volumes"), "%s uses folder %s and istio-cni would use %s; set %s: %s", snapshot.KeyOf(d), theirs, own, setting, theirs)
	}
}

// renderedAgent is the DaemonSet of istio-cni as it would be installed.
func renderedAgent(p *rule.Pass) *appsv1.DaemonSet {
	for _, m := range p.Rendered {
		if m.Object.GetKind() != "DaemonSet" || m.Object.GetLabels()["k8s-app"] != "istio-cni-node" {
			continue
		}
		d := &appsv1.DaemonSet{}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(m.Object.Object, d) == nil {
			return d
		}
	}
	return nil
}

// isPlugin says whether a DaemonSet is a plugin that gives pods their network,
// by the names of the widespread ones. One in front of others, as Multus, has
// folders of its own.
func isPlugin(d *appsv1.DaemonSet) bool {
	names := []string{"aws-node", "calico-node", "canal", "rke2-canal", "cilium", "kube-flannel", "kube-flannel-ds", "weave-net", "antrea-agent", "kube-router", "terway-eniip"}
	return slices.Contains(names, d.Name)
}

type folderPair struct{ bin, conf string }

// foldersOf picks the host's folders by the names that volumes for them have.
func foldersOf(d *appsv1.DaemonSet) folderPair {
	var out folderPair
	for _, v := range d.Spec.Template.Spec.Volumes {
		switch {
		case v.HostPath == nil:
		case isBin(v):
			out.bin = v.HostPath.Path
		case isConf(v):
			out.conf = v.HostPath.Path
		}
	}
	return out
}

func isBin(v corev1.Volume) bool {
	return slices.Contains([]string{"cni-bin-dir", "cni-path", "cni-plugin", "host-cni-bin", "cni-bin"}, v.Name) && !strings.HasPrefix(v.HostPath.Path, "/etc")
}

func isConf(v corev1.Volume) bool {
	return slices.Contains([]string{"cni-net-dir", "etc-cni-netd", "host-cni-conf", "cni-conf-dir", "cni-net", "cni"}, v.Name) && strings.Contains(v.HostPath.Path, "net.d")
}
